"""What stands beside an item: "see also". It comes with the links of the page and costs no statement of its own."""

from typing import Any

from pyramid.request import Request

from plein.content import reading
from plein.content.models import Content
from plein.contributions import Action, Block
from plein.web.i18n import _

_TEMPLATE = "plein:templates/relations/side.pt"


def linked(request: Request, item: Content) -> reading.Linked:
    """Where *item* leads; asked of the database once for each request."""
    known: dict[int, reading.Linked] = request.environ.setdefault("plein.linked", {})
    if item.id not in known:
        known[item.id] = reading.linked_from(request.db, item)
    return known[item.id]


def see_also(request: Request, context: Any) -> list[Block]:
    """The items that somebody chose, in their order; with a way to change them for whoever may."""
    types = request.plugins.content_types
    rows = [row for row in linked(request, context.item).also if row.type in types]
    if not rows:
        return []
    may_edit = request.has_permission(f"{context.type.name}.edit")
    change = context.url("also") if may_edit and context.item.state != "trashed" else None
    return [Block(_("See also"), _TEMPLATE, {"rows": rows, "types": types, "change": change}, weight=20)]


def actions(request: Request, item: Content) -> list[Action]:
    """A way to choose the first ones, in the menu of an item."""
    context = request.context
    if getattr(context, "item", None) is not item or not request.has_permission(f"{item.type}.edit"):
        return []
    return [Action(_("See also …"), context.url("also"), "link-plus", weight=30)]
