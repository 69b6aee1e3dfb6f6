"""The table of who gets in where: a file of rows per feature, put together here.

A file ``rows_FEATURE.py`` has ``SITE`` and ``SPACE``, each {method: {route name: Row}}: views of the whole site, asked
once, and views in a space, asked in an open, a closed, a hidden and an archived one. A view without a row fails the
build. The pages that every type of content has are in ``TYPE``; those of an item are asked in each
condition that it can be in.
"""

import importlib
import pkgutil
from typing import Any

from authorisation.rules import Row

METHODS = ("GET", "POST")


def _files() -> list[Any]:
    return [module for module in pkgutil.iter_modules(__path__, "authorisation.") if ".rows_" in module.name]


def _rows(which: str) -> dict[str, dict[str, Row]]:
    merged: dict[str, dict[str, Row]] = {method: {} for method in METHODS}
    for module in _files():
        found: Any = getattr(importlib.import_module(module.name), which, {})
        for method, rows in found.items():
            twice = set(rows) & set(merged[method])
            assert not twice, f"{module.name} repeats {sorted(twice)}"
            merged[method] |= rows
    return merged


def _prepared() -> list[Any]:
    modules = [importlib.import_module(module.name) for module in _files()]
    return [module.prepare for module in modules if hasattr(module, "prepare")]


#: What features need for their rows: ``prepare(db, people, space)`` of a file, which may give names to fill in.
PREPARE = _prepared()

SITE = _rows("SITE")
SPACE = _rows("SPACE")
TYPE = _rows("TYPE")
