"""What stands around every page: header with its menus, menu of the space, footer. It is the same for a viewer from
page to page, so its HTML is kept, and only the address to come back to is put in anew.

Nothing of one viewer can reach another: what is kept is found by :func:`_key`, which holds the viewer, the sign-in
session and its token, and everything else that ``templates/shell.pt`` is given or asks for. The template must show
nothing that is not in that key or the same for the whole site.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper
from pyramid.renderers import render
from pyramid.request import Request

from plein.web.html import Html, escape
from plein.web.i18n import _

TEMPLATE = "plein:templates/shell.pt"

#: How many are kept in each process, at about 10 kB.
KEPT = 512

#: Where the template is cut, and where the address comes. Nobody can guess them, so no name can hold them.
CUT, BACK = (f"plein-{secrets.token_hex(16)}" for _each in range(2))


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A word in the main navigation. ``path`` is the first part of the addresses that belong to it."""

    route: str
    title: str
    icon: str
    path: str


#: Five words at most; those whose route does not exist are left out. Plugins add nothing here.
MAIN = (
    NavigationEntry("home", _("Start"), "home", "/"),
    NavigationEntry("space.list", _("Spaces"), "layout-grid", "/spaces"),
    NavigationEntry("people.list", _("People"), "users", "/people"),
    NavigationEntry("knowledge", _("Knowledge"), "book", "/knowledge"),
    NavigationEntry("calendar", _("Calendar"), "calendar", "/calendar"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is in the site.

    :param section: the first part of its path, ``/spaces``; ``/`` for the start page.
    :param is_top: whether it is the first page of that section.
    :param is_whole: whether it is that page without any question behind it.
    """

    section: str
    is_top: bool
    is_whole: bool

    def current(self, path: str) -> str | None:
        """The ``aria-current`` of a link to the section *path*."""
        if self.section != path or (path == "/" and not self.is_top):
            return None
        return "page" if self.is_whole else "true"


@dataclass(frozen=True, slots=True)
class Shell:
    """The parts of the shell, as the layout inserts them."""

    head: Html
    header: Html
    space: Html
    footer: Html


class KeptShells:
    """The shells that were used last, in pieces: between the pieces of a part comes the address to come back to."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, list[list[str]]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> list[list[str]] | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: Hashable, parts: list[list[str]]) -> None:
        with self._lock:
            self._kept[key] = parts
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)


def shell(request: Request, get_csrf_token: Callable[[], str], space: Any = None) -> Shell:
    """The shell of the page that *request* asks for.

    :param space: the space whose menu stands beside the page, if any.
    """
    place, items = _place(request), more_navigation(request) if request.viewer.is_signed_in else []
    key = _key(request, get_csrf_token(), space, place, items)
    kept: KeptShells = request.registry["plein.shells"]
    parts = kept.get(key)
    if parts is None:
        values = {"space": space, "place": place, "nav": navigation(request, place), "more": items}
        html = render(TEMPLATE, {**values, "back": BACK, "cut": Html(CUT)}, request=request)
        parts = [part.split(BACK) for part in html.split(CUT)]
        # A browser without a session has a token of its own too, but most of them never come back.
        if request.viewer.is_signed_in and not request.registry.settings["pyramid.reload_templates"]:
            kept.keep(key, parts)
    back = escape(request.path_qs if request.method == "GET" else request.path)
    return Shell(*(Html(back.join(pieces)) for pieces in parts))


def _key(request: Request, token: str, space: Any, place: Place, items: list[Any]) -> Hashable:
    """Everything that the shell is made of. What the viewer may follows from the viewer and the role in the space."""
    translate = request.localizer.translate
    route = request.matched_route
    return (
        request.viewer,
        getattr(request, "faces", {}).get(request.viewer.user_id),
        token,
        request.locale_name,
        request.appearance,
        request.script_name,
        request.registry["plein.static"].version,
        request.style_sheets,
        place,
        route.name if route is not None else None,
        None if space is None else (space.id, space.slug, space.name, space.archived_at is not None),
        getattr(getattr(request, "context", None), "role", None),
        # Translated: texts of two plugins may be equal before.
        tuple((translate(item.title), item.url, item.icon) for item in items),
    )


def _place(request: Request) -> Place:
    path = request.path
    section = f"/{path[1:].partition('/')[0]}"
    return Place(section, path == section, request.path_qs == section)


def navigation(request: Request, place: Place) -> list[dict[str, Any]]:
    """The main navigation as dicts of title, url, icon and current."""
    mapper = request.registry.getUtility(IRoutesMapper)
    return [
        {
            "title": entry.title,
            "url": request.route_path(entry.route),
            "icon": entry.icon,
            "current": place.current(entry.path),
        }
        for entry in MAIN
        if mapper.get_route(entry.route) is not None
    ]


def more_navigation(request: Request) -> list[Any]:
    """What plugins add beside the main navigation, as NavigationItem, by weight."""
    return list(request.plugins.collect("navigation_items", request=request))


def includeme(config: Configurator) -> None:
    config.remember("plein.shells", lambda _registry: KeptShells())
