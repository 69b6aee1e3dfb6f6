"""The addresses of content: the same pages for every declared type, and the files of all."""

from pyramid.config import Configurator

from plein.content.acts import ACTS
from plein.content.contexts import MissingItem, item_factory, type_factory
from plein.content.views import access, edit, history, lists, manage, show
from plein.contributions import ContentType
from plein.plugins import Plugins
from plein.security.permissions import SIGNED_IN
from plein.spaces.contexts import SpaceContext
from plein.spaces.permissions import VIEW

#: page, address below the type's, view, permission, methods, template
_TYPE_PAGES = (
    ("list", "", lists.index, "view", ("GET",), "list"),
    ("new", "/-/new", edit.new, "create", ("GET", "POST"), "form"),
    ("recent", "/-/recent", lists.recent, "view", ("GET",), "recent"),
    ("wanted", "/-/wanted", lists.wanted, "view", ("GET",), "wanted"),
    ("orphans", "/-/orphans", lists.orphans, "view", ("GET",), "orphans"),
    ("trash", "/-/trash", lists.trash, "delete", ("GET",), "trash"),
    ("preview", "/-/preview", edit.preview, "create", ("POST",), None),
)
_ITEM_PAGES = (
    ("show", "", show.show, "view", ("GET",), "show"),
    ("print", "/print", show.printed, "view", ("GET",), "print"),
    ("raw", "/raw", show.raw, "view", ("GET",), None),
    ("links", "/links", show.links, "view", ("GET",), "links"),
    ("history", "/history", history.history, "view", ("GET",), "history"),
    ("version", "/version/{version}", show.version, "view", ("GET",), "version"),
    ("diff", "/diff", history.diff, "view", ("GET",), "diff"),
    ("edit", "/edit", edit.edit, "edit", ("GET", "POST"), "form"),
    ("restore", "/restore", history.restore, "edit", ("POST",), None),
    ("delete", "/delete", manage.delete, "delete", ("POST",), None),
    ("undelete", "/undelete", manage.undelete, "delete", ("POST",), None),
    ("move", "/move", manage.move, "move", ("GET", "POST"), "move"),
    ("files", "/files", manage.files, "view", ("GET",), "files"),
    ("attach", "/files/-/attach", manage.attach, "edit", ("POST",), None),
    ("access", "/access", access.show, "view", ("GET",), "access"),
    ("audience", "/audience", access.change, "edit", ("POST",), None),
    ("detach", "/files/-/detach", manage.detach, "edit", ("POST",), None),
)


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
    plugins: Plugins = config.registry["plein.plugins"]
    for content_type in plugins.content_types.values():
        _add_pages(config, content_type)
    config.add_route("attachment", "/files/{uid}/{name}")
    config.add_view(manage.download, route_name="attachment", permission=SIGNED_IN, request_method="GET")
    config.add_route("space.access", "/spaces/{space}/-/access", factory=SpaceContext)
    config.add_view(
        access.of_space,
        route_name="space.access",
        permission=VIEW,
        request_method="GET",
        renderer="plein:templates/content/space_access.pt",
    )
    config.add_route("space.pin", "/spaces/{space}/-/pin", factory=SpaceContext)
    config.scan("plein.content.pinned")
    config.add_exception_view(show.missing, context=MissingItem, renderer="plein:templates/content/missing.pt")


def _add_pages(config: Configurator, content_type: ContentType) -> None:
    root = "/spaces/{space}/" + content_type.path
    groups = (
        (_TYPE_PAGES, root, type_factory(content_type)),
        (_ITEM_PAGES, root + "/{slug}", item_factory(content_type)),
    )
    for pages, base, factory in groups:
        for page, address, view, permission, methods, template in pages:
            route = f"{content_type.name}.{page}"
            config.add_route(route, base + address, factory=factory)
            renderer = template and content_type.templates.get(template, f"plein:templates/content/{template}.pt")
            config.add_view(
                view,
                route_name=route,
                permission=f"{content_type.name}.{permission}",
                request_method=methods,
                renderer=renderer,
            )
