"""The golden file of ``plein.api``: a change of what plugins can use is seen, and decided, in review.

``python tests/contract/test_api.py > tests/contract/plein_api.txt`` writes it anew.
"""

import dataclasses
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy

import plein.api

GOLDEN = Path(__file__).with_name("plein_api.txt")


def signature_of(function: Any) -> str:
    """Parameters with what is optional marked by ``=``; types change without breaking a plugin, names do not."""
    parts = []
    for parameter in inspect.signature(function).parameters.values():
        star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        named = "named " if parameter.kind is parameter.KEYWORD_ONLY else ""
        parts.append(f"{named}{star}{parameter.name}{'=' if parameter.default is not parameter.empty else ''}")
    return f"({', '.join(parts)})"


def members(cls: type) -> list[str]:
    """The public attributes and methods of *cls*, its own and those that it inherits in Plein."""
    mapper = sqlalchemy.inspect(cls, raiseerr=False)
    if mapper is not None:
        return sorted(mapper.attrs.keys())
    fields = {field.name for field in dataclasses.fields(cls)} if dataclasses.is_dataclass(cls) else set()
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("plein."):
            found |= vars(base)
    return sorted(
        f"{name}{signature_of(value)}" if inspect.isfunction(value) else name
        for name, value in found.items()
        if not name.startswith("_") and name not in fields
    )


def describe(name: str) -> list[str]:
    value = getattr(plein.api, name)
    if isinstance(value, str):
        return [f"{name} = {value!r}"]
    if inspect.isclass(value):
        is_mapped = sqlalchemy.inspect(value, raiseerr=False) is not None or not dataclasses.is_dataclass(value)
        return [f"class {name}{'' if is_mapped else signature_of(value)}", *(f"    {line}" for line in members(value))]
    if inspect.isroutine(value):
        return [f"{name}{signature_of(value)}"]
    return [f"{name}: {type(value).__name__}"]


def described() -> str:
    return "\n".join(line for name in plein.api.__all__ for line in describe(name)) + "\n"


def test_what_plugins_can_use_is_what_the_golden_file_says():
    # In a process of its own: other tests add to the classes.
    told = subprocess.run([sys.executable, __file__], capture_output=True, encoding="utf-8", check=True).stdout
    assert told == GOLDEN.read_text(encoding="utf-8")


def test_every_public_name_is_listed_once():
    public = {
        name
        for name, value in vars(plein.api).items()
        if not name.startswith("_") and getattr(value, "__module__", "").startswith("plein.")
    }
    assert public <= set(plein.api.__all__)
    assert len(plein.api.__all__) == len(set(plein.api.__all__))


if __name__ == "__main__":
    sys.stdout.write(described())
