"""The table of who gets in where: a file of rows per feature, put together here.

A file ``rows_FEATURE.py`` has ``SITE`` and ``SPACE``, each {method: {route name: Row}}: views of the whole site, asked
once, and views in a space, asked in an open, a closed and a hidden one. A view without a row fails the build. The pages
that every type of content has are in ``rows_content.TYPE``.
"""

import importlib
import pkgutil
from typing import Any

from authorisation.rules import Row

METHODS = ("GET", "POST")


def _rows(which: str) -> dict[str, dict[str, Row]]:
    merged: dict[str, dict[str, Row]] = {method: {} for method in METHODS}
    for module in pkgutil.iter_modules(__path__, "authorisation."):
        found: Any = getattr(importlib.import_module(module.name), which, {})
        for method, rows in found.items():
            twice = set(rows) & set(merged[method])
            assert not twice, f"{module.name} repeats {sorted(twice)}"
            merged[method] |= rows
    return merged


SITE = _rows("SITE")
SPACE = _rows("SPACE")
