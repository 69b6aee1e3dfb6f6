"""The side bar that every page inside a space has: where you are and what else there is.

Templates get it as the macro ``space_side`` (``metal:use-macro="space_side"``), on each route whose context is a
SpaceContext. It asks the database nothing: the context knows all it shows.
"""

from dataclasses import dataclass

from pyramid.config import Configurator
from pyramid.events import BeforeRender
from pyramid.renderers import get_renderer
from pyramid.request import Request

from plein.spaces.contexts import SpaceContext
from plein.spaces.permissions import MANAGE, VIEW
from plein.web.i18n import _


@dataclass(frozen=True, slots=True)
class SideLink:
    """A line of the side bar; *current* where the page belongs to it."""

    title: str
    url: str
    icon: str
    current: bool


def side_links(request: Request, context: SpaceContext) -> list[SideLink]:
    """What the viewer may open in the space: its home, a list for each type of content, members, settings."""
    slug = context.space.slug
    home = request.route_path("space.home", space=slug)
    links = [SideLink(_("Overview"), home, "home", request.path == home)]
    if not context.reads:
        return links
    for kind in request.plugins.content_types.values():
        if request.has_permission(f"{kind.name}.view", context):
            url = request.route_path(f"{kind.name}.list", space=slug)
            links.append(SideLink(kind.plural, url, kind.icon, request.path == url or request.path.startswith(f"{url}/")))
    for route, permission, title, icon in (
        ("space.members", VIEW, _("Members"), "users"),
        ("space.settings", MANAGE, _("Settings"), "settings"),
    ):
        if request.has_permission(permission, context):
            url = request.route_path(route, space=slug)
            links.append(SideLink(title, url, icon, request.path == url))
    return links


def add_side(event: BeforeRender) -> None:
    """Subscriber: give the templates of pages in a space the macro and its lines."""
    request = event.get("request")
    context = getattr(request, "context", None)
    if request is None or not isinstance(context, SpaceContext) or "space_side" in event:
        return
    if (event.get("renderer_name") or "").endswith(".pt"):
        event["space_side"] = get_renderer("plein:templates/spaces/side.pt").implementation().macros["side"]
        event.setdefault("space", context.space)
        event["space_links"] = lambda: side_links(request, context)


def includeme(config: Configurator) -> None:
    config.add_subscriber(add_side, BeforeRender)
