"""``/admin/style``: how Plein looks, for who makes plugins. Made of the macro files and the tokens themselves.

A macro that is added to a file stands on the page by itself, with what its comment says; those that are for everybody
(:data:`FOR_EVERYBODY`) are shown live, from :data:`plein.authoring.samples.SAMPLES`, and a test asks for a sample.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from translationstring import TranslationString

from plein.authoring.samples import SAMPLES
from plein.security.permissions import ADMINISTRATION
from plein.web.static import FOLDER
from plein.web.templating import TEMPLATES, icon_names

#: The files of macros that any page may use; the others are parts of pages of the core.
FOR_EVERYBODY = ("page", "forms", "things")

_MACRO = re.compile(r'(?:<!--!(?P<says>(?:(?!!-->).)*)!-->\s*)?<metal:\w+ define-macro="(?P<name>\w+)"', re.DOTALL)
_TOKEN = re.compile(r"^\s*(--plein-[a-z0-9-]+):\s*(.+?);", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro as the page shows it. ``call`` is what one writes; ``args`` makes it live, ``None`` where it is not."""

    name: str
    file: str
    says: str
    call: str
    args: Any


@lru_cache(maxsize=1)
def macros() -> tuple[Macro, ...]:
    """Every macro of every file, those for everybody first."""
    files = sorted((TEMPLATES / "macros").glob("*.pt"), key=lambda path: (path.stem not in FOR_EVERYBODY, path.stem))
    return tuple(macro for path in files for macro in _in(path))


def _in(path: Path) -> list[Macro]:
    found = []
    for match in _MACRO.finditer(path.read_text(encoding="utf-8")):
        name = match["name"]
        args = SAMPLES.get(name) if path.stem in FOR_EVERYBODY else None
        says = " ".join((match["says"] or "").split()).removeprefix(f"{name}: ")
        found.append(Macro(name, path.stem, says, _call(name, args), args))
    return found


def _call(name: str, args: Any) -> str:
    if not args:
        return f'<metal:m use-macro="macros.{name}"/>'
    given = ", ".join(f"{key}={_written(value)}" for key, value in args.items())
    return f'<metal:m use-macro="macros.{name}" tal:define="args dict({given})"/>'


def _written(value: Any) -> str:
    """A value as a template has it."""
    if isinstance(value, TranslationString):
        return f"_({str(value)!r})"
    if isinstance(value, dict):
        return "dict(" + ", ".join(f"{key}={_written(one)}" for key, one in value.items()) + ")"
    if isinstance(value, list | tuple):
        inside = ", ".join(map(_written, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    return repr(value)


@lru_cache(maxsize=1)
def tokens() -> tuple[tuple[str, str], ...]:
    """Each token with its value; the first one it is given, which holds where nobody asks for more contrast."""
    found: dict[str, str] = {}
    for name, value in _TOKEN.findall((FOLDER / "css" / "tokens.css").read_text(encoding="utf-8")):
        found.setdefault(name, value)
    return tuple(found.items())


def style(request: Request) -> dict[str, Any]:
    """Every macro, every icon and every token."""
    return {
        "icons": sorted(icon_names()),
        "live": [one for one in macros() if one.args is not None],
        "others": [one for one in macros() if one.args is None],
        "colours": [(name, value) for name, value in tokens() if value.startswith("light-dark(")],
        "sizes": [(name, value) for name, value in tokens() if not value.startswith("light-dark(")],
    }


def includeme(config: Configurator) -> None:
    config.add_route("admin.style", "/admin/style")
    config.add_view(
        style,
        route_name="admin.style",
        request_method="GET",
        permission=ADMINISTRATION,
        renderer="plein:templates/authoring/style.pt",
    )


__all__ = ["FOR_EVERYBODY", "Macro", "macros", "style", "tokens"]
