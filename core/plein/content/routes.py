"""The addresses of content: the same pages for every declared type."""

from pyramid.config import Configurator

from plein.content.acts import ACTS
from plein.content.contexts import MissingItem
from plein.content.pages import ItemPage
from plein.content.views import access, bulk, edit, history, lists, manage, show
from plein.content.views import policies as rules
from plein.spaces.contexts import SpaceContext
from plein.spaces.permissions import MANAGE, VIEW
from plein.web.i18n import _

PAGES = (
    ItemPage("list", "", lists.index, "view", template="list", of="type"),
    ItemPage("new", "/-/new", edit.new, "create", ("GET", "POST"), template="form", of="type"),
    ItemPage("recent", "/-/recent", lists.recent, "view", template="recent", of="type"),
    ItemPage("wanted", "/-/wanted", lists.wanted, "view", template="wanted", of="type"),
    ItemPage("orphans", "/-/orphans", lists.orphans, "view", template="orphans", of="type"),
    ItemPage("bulk", "/-/bulk", bulk.many, "edit", ("POST",), of="type"),
    ItemPage("preview", "/-/preview", edit.preview, "create", ("POST",), of="type", looks_first=True),
    ItemPage("show", "", show.show, "view", template="show"),
    ItemPage("print", "/print", show.printed, "view", template="print"),
    ItemPage("raw", "/raw", show.raw, "view"),
    ItemPage("links", "/links", show.links, "view", template="links"),
    ItemPage("history", "/history", history.history, "view", template="history"),
    ItemPage("version", "/version/{version}", show.version, "view", template="version"),
    ItemPage("diff", "/diff", history.diff, "view", template="diff"),
    ItemPage("edit", "/edit", edit.edit, "edit", ("GET", "POST"), template="form"),
    ItemPage("restore", "/restore", history.restore, "edit", ("POST",)),
    ItemPage("delete", "/delete", manage.delete, "delete", ("POST",)),
    ItemPage("undelete", "/undelete", manage.undelete, "delete", ("POST",)),
    ItemPage("move", "/move", manage.move, "move", ("GET", "POST"), template="move"),
    ItemPage("access", "/access", access.show, "view", template="access"),
    ItemPage("audience", "/audience", access.change, "edit", ("POST",)),
)


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
    config.add_item_pages(*PAGES)
    for action in bulk.ACTIONS:
        config.add_bulk_action(action)
    config.add_route("space.access", "/spaces/{space}/-/access", factory=SpaceContext)
    config.add_view(
        access.of_space,
        route_name="space.access",
        permission=VIEW,
        request_method="GET",
        renderer="plein:templates/content/space_access.pt",
    )
    _add_rules(config)
    config.add_route("space.pin", "/spaces/{space}/-/pin", factory=SpaceContext)
    config.scan("plein.content.pinned")
    config.add_exception_view(show.missing, context=MissingItem, renderer="plein:templates/content/missing.pt")


def _add_rules(config: Configurator) -> None:
    may = rules.CHANGE.name
    config.add_route("admin.rules", "/admin/rules")
    config.add_view(rules.of_site, route_name="admin.rules", permission=may, request_method=("GET", "POST"))
    config.add_admin_page("admin.rules", title=_("Rules"), icon="adjustments", permission=may, weight=42)
    config.add_route("space.rules", "/spaces/{space}/-/rules", factory=SpaceContext)
    config.add_view(rules.of_space, route_name="space.rules", permission=MANAGE, request_method=("GET", "POST"))
