"""The ladder in front of pages: a view of a plugin that the viewer does not have answers as if it did not exist."""

from dataclasses import replace
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound
from pyramid.interfaces import IViewDeriverInfo
from pyramid.request import Request
from pyramid.response import Response
from pyramid.viewderivers import INGRESS

from plein.db.session import VIEWER
from plein.ladder.reach import Reach
from plein.ladder.rungs import owner
from plein.plugins import Plugins
from plein.security.csrf import SAFE_METHODS
from plein.web.i18n import _


def reach(request: Request) -> Reach:
    """What the viewer of this request has."""
    return Reach(request.viewer, lambda: request.db)


def look_again(request: Request) -> None:
    """Let the rest of this request go by what it decided itself a moment ago, before that is committed."""
    viewer = replace(request.viewer, ladder=request.registry["plein.ladders"].read(request.db))
    request.db.info[VIEWER] = viewer
    known = vars(request)
    known["viewer"] = viewer
    for name in ("reach", "plugins"):
        known.pop(name, None)


def plugin_of_view(info: IViewDeriverInfo, plugins: Plugins) -> str | None:
    """The plugin that a view belongs to: by the package it is written in, or by its route, for the pages that the core
    makes for a content type. ``None`` for the core's own.
    """
    view: Any = info.original_view
    package = str(getattr(view, "__module__", None) or type(view).__module__).partition(".")[0]
    for name in (package.removeprefix("plein_"), owner(info.options.get("route_name") or "")):
        if plugins.has(name) and (package == f"plein_{name}" or package == "plein"):
            return name
    return None


def rolled_out(view: Any, info: IViewDeriverInfo) -> Any:
    """View deriver: 404 where the viewer does not have the view's plugin; only reading where it is being retired."""
    plugin = plugin_of_view(info, info.registry["plein.plugins"])
    if plugin is None or info.exception_only:
        return view

    def asked(context: Any, request: Request) -> Response:
        if not request.reach.has(plugin, place_of(context)):
            raise HTTPNotFound()
        if request.method not in SAFE_METHODS and request.reach.is_retiring(plugin):
            raise HTTPForbidden(_("This function is being retired: what is there can be read, and no longer changed."))
        answer: Response = view(context, request)
        return answer

    return asked


def place_of(context: Any) -> int | None:
    """The number of the space that *context* (of a page, a block or a permission) is in; ``None`` outside of spaces."""
    space = getattr(context, "space", None)
    found = getattr(space, "id", None) if space is not None else getattr(context, "space_id", None)
    return found if isinstance(found, int) else None


def includeme(config: Configurator) -> None:
    config.add_request_method(reach, reify=True)
    # Before anything asks for a permission: what is not there is not forbidden either.
    config.add_view_deriver(rolled_out, name="rolled_out", under=INGRESS, over="declared_permission")
