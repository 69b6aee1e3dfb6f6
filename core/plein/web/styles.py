"""Style that plugins bring: ``static/style.css`` of each, and ``static/theme.css`` of the one that is the house style.

Both are found by their names, and stand in layers after Plein's own, so a house style needs no stronger selectors: it
replaces tokens (``static/css/tokens.css``), the logo and the fonts.
"""

from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.request import Request

from plein.contributions import Setting
from plein.hookspecs import hookimpl
from plein.web.static import PLUGINS


@hookimpl
def register_settings() -> list[Setting]:
    return [Setting("plein.theme", str, "", "The plugin whose house style is used; empty for Plein's own.")]


def style_sheets(request: Request) -> tuple[str, ...]:
    """The addresses of the style sheets that come after Plein's own, for who looks."""
    found: list[tuple[str, str]] = request.registry["plein.styles"]
    static, reach = request.registry["plein.static"], request.reach
    return tuple(static.url(path) for plugin, path in found if reach.somewhere(plugin))


def _styles(registry: Any) -> list[tuple[str, str]]:
    """Each style sheet with the plugin that it is of; the house style last.

    :raises ConfigurationError: for a house style that is not there.
    """
    files = registry["plein.static"].files
    names = [info.name for info in registry["plein.plugins"].plugins]
    found = [(name, f"{PLUGINS}/{name}/style.css") for name in names if f"{PLUGINS}/{name}/style.css" in files]
    theme = str(registry["plein.settings"]["plein.theme"])
    if theme and f"{PLUGINS}/{theme}/theme.css" not in files:
        have = [name for name in names if f"{PLUGINS}/{name}/theme.css" in files]
        raise ConfigurationError(
            f"plein.theme names {theme}, and no plugin of that name has a house style; "
            + (f"there is one in {', '.join(have)}." if have else "leave it empty, or install one.")
        )
    return [*found, (theme, f"{PLUGINS}/{theme}/theme.css")] if theme else found


def includeme(config: Configurator) -> None:
    registry: Any = config.registry
    registry["plein.styles"] = _styles(registry)
    config.add_request_method(style_sheets, reify=True)
