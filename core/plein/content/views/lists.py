"""Lists of a type in a space: all, recently changed, wanted, orphaned, thrown away."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from pyramid.renderers import get_renderer, render
from pyramid.request import Request

from plein.content import reading
from plein.content.bulk import bulk_actions
from plein.content.contexts import TypeContext
from plein.content.files.pictures import Picture, pictures_of
from plein.content.listing import COUNT_LIMIT, VIEWS, Filters, count, listing
from plein.content.views.show import nodes
from plein.contributions import ContentType
from plein.people.standing import today

CARD = "plein:templates/content/card.pt"


def index(context: TypeContext, request: Request) -> dict[str, Any]:
    """The items, narrowed and in the order that the address says, as a list, a table or cards."""
    filters = Filters.of(request.GET, request.viewer.user_id)
    order = "recent" if request.GET.get("order") == "recent" else "title"
    view = request.GET.get("view", "")
    view = view if view in VIEWS else context.type.view
    after = request.GET.get("after")
    page = listing(
        request.db,
        space=context.space,
        type_name=context.type.name,
        content_type=context.type,
        filters=filters,
        order="recent" if order == "recent" else "title",
        beginning=view == "cards",
        after=after,
    )
    # What stands on one page need not be counted once more.
    is_all = after is None and page.next is None
    return {
        **list_values(context, request, "list"),
        "page": page,
        "total": len(page.rows)
        if is_all
        else count(request.db, space=context.space, type_name=context.type.name, filters=filters),
        "limit": COUNT_LIMIT,
        "filters": filters,
        "order": order,
        "view": view,
        "question": {**filters.query(), **({"order": order} if order == "recent" else {})},
        "columns": [one for one in context.type.fields if one.listed],
        "card": card_template(context.type),
        "picture": _picture_of(request, page.rows),
        "plain_card": _plain_card(context, request),
        "bulk": bulk_actions(context, request),
        "today": today(request.plein["plein.time_zone"]),
    }


def card_template(content_type: ContentType) -> Any:
    """How a card of a type looks: given the row, it fills in a card of the list."""
    name = content_type.templates.get("card", CARD)
    return get_renderer(name).implementation()


def _picture_of(request: Request, rows: Sequence[Any]) -> Callable[[Any], Picture | None]:
    """For a card: gives the picture of a row. Those of all *rows* are looked up when the first is asked for."""
    found: list[dict[int, Picture]] = []

    def picture(row: Any) -> Picture | None:
        if not found:
            found.append(pictures_of(request, [one.id for one in rows]))
        return found[0].get(row.id)

    return picture


def _plain_card(context: TypeContext, request: Request) -> Callable[[Any, Any], str]:
    """Gives the card that a type has without a template of its own, in place of one that failed.

    However many rows fail, it is one failure: a long list must not pause the plugin at once.
    """
    counted: list[Any] = []

    def plain_card(row: Any, error: Any) -> str:
        if not counted:
            counted.append(error)
            plugin = context.type.name.partition(".")[0]
            request.plugins.part(plugin, "page_items", request, partial(_raise, error.value))
        values = {"context": context, "type": context.type, "row": row, "picture": lambda _row: None}
        return str(render(CARD, values, request=request))

    return plain_card


def _raise(error: Exception) -> None:
    raise error


def recent(context: TypeContext, request: Request) -> dict[str, Any]:
    """What changed last."""
    minor = request.GET.get("minor") != "no"
    after = request.GET.get("after")
    page = listing(request.db, space=context.space, type_name=context.type.name, minor=minor, after=after)
    return {**list_values(context, request, "recent"), "page": page, "minor": minor}


def wanted(context: TypeContext, request: Request) -> dict[str, Any]:
    """What is linked to and does not exist yet."""
    rows = reading.wanted(request.db, context.space, context.type.name)
    return {**list_values(context, request, "wanted"), "rows": rows}


def orphans(context: TypeContext, request: Request) -> dict[str, Any]:
    """What no other item links to."""
    rows = reading.orphans(request.db, context.space, context.type.name)
    return {**list_values(context, request, "orphans"), "rows": rows}


def list_values(context: TypeContext, request: Request, current: str) -> dict[str, Any]:
    """What every list of a type shows around it. *current* names the tab that is open."""
    name = context.type.name
    return {
        "context": context,
        "type": context.type,
        "space": context.space,
        "current": current,
        "quote": quote,
        "nodes": nodes(context, context.service.list_surroundings(context.space).get("tree", ())),
        "rights": {word: request.has_permission(f"{name}.{word}") for word in ("create", "delete")},
    }
