"""Lists of a type in a space: all, recently changed, wanted, orphaned, thrown away."""

from typing import Any
from urllib.parse import quote

from pyramid.request import Request

from plein.content import reading
from plein.content.contexts import TypeContext
from plein.content.views.show import nodes


def index(context: TypeContext, request: Request) -> dict[str, Any]:
    """Every item, by title."""
    page = reading.listing(
        request.db,
        space=context.space,
        type_name=context.type.name,
        order="title",
        after=request.GET.get("after"),
    )
    return {
        **list_values(context, request, "list"),
        "page": page,
        "total": reading.count(request.db, space=context.space, type_name=context.type.name),
        "limit": reading.COUNT_LIMIT,
    }


def recent(context: TypeContext, request: Request) -> dict[str, Any]:
    """What changed last."""
    page = reading.listing(request.db, space=context.space, type_name=context.type.name, after=request.GET.get("after"))
    return {**list_values(context, request, "recent"), "page": page}


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
