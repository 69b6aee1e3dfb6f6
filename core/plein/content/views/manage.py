"""Throwing an item away, putting it back, and moving it to another space."""

from dataclasses import replace
from functools import partial
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from sqlalchemy import literal

from plein.content import audience
from plein.content.contexts import ContentContext
from plein.content.life.views import MAX_REASON
from plein.content.titles import clean_title
from plein.content.views.show import item_values
from plein.spaces.contexts import Standing, standings
from plein.spaces.models import Space
from plein.web.i18n import _


def delete(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Throw the item away; the notice that follows can undo it."""
    context.service.trash(context.item, reason_of(request))
    request.notice(
        _("“${title}” is in the deleted items.", mapping={"title": context.item.title}), undo=context.url("undelete")
    )
    return HTTPSeeOther(context.url("list"))


def reason_of(request: Request) -> str:
    """Why, as typed in a field for it."""
    return clean_title(request.POST.get("reason", "").replace("\0", ""))[:MAX_REASON]


def undelete(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Put the item back."""
    context.service.untrash(context.item)
    request.notice(_("“${title}” is back.", mapping={"title": context.item.title}))
    return HTTPSeeOther(context.url("show"))


def move(context: ContentContext, request: Request) -> Any:
    """Choose another space, see who reads it there and who no longer does, and move the item."""
    places = _places_to_move_to(context, request)
    wanted = request.params.get("space", "")
    target = next((place for place in places if place.space.slug == wanted), None)
    errors: dict[str, Any] = {}
    if request.method == "POST" and target is not None:
        return _moved(context, request, target)
    if request.method == "POST" or (wanted and target is None):
        errors["space"] = _("Choose a space from the list.")
        request.response.status_int = 422
    return {
        **item_values(context, request),
        "spaces": [place.space for place in places],
        "target": target.space if target else None,
        "audience": _audiences(context, request, target.space) if target else None,
        "errors": errors,
    }


def _moved(context: ContentContext, request: Request, target: Standing) -> HTTPSeeOther:
    before = context.space.slug
    context.service.move_to_space(context.item, target.space, reason_of(request))
    address = partial(request.route_path, space=target.space.slug, slug=context.item.slug)
    name = context.type.name
    # Back is a move too, for who may move things there.
    back = {"url": address(f"{name}.move"), "values": {"space": before}}
    may_undo = request.has_permission(f"{name}.move", target)
    message = _("Moved to ${space}. The old address leads here.", mapping={"space": target.space.name})
    request.notice(message, undo=back if may_undo else None)
    return HTTPSeeOther(address(f"{name}.show"))


def _audiences(context: ContentContext, request: Request, space: Space) -> dict[str, Any]:
    """How many people read it now and would there, and who no longer would. Three statements.

    Of what is not published: who will read it once it is.
    """
    state = "published" if context.item.state in ("draft", "scheduled") else context.item.state
    now = audience.subject_of(context.item, state=state)
    there = replace(now, space_id=literal(space.id))
    lost, losers = audience.losing(request.db, now, there)
    return {
        "now": audience.count(request.db, now),
        "there": audience.count(request.db, there),
        "lost": lost,
        "losers": losers,
    }


def _places_to_move_to(context: ContentContext, request: Request) -> list[Standing]:
    """Other spaces in which the viewer may create items of this type."""
    found = standings(request.db, request.viewer, Space.id != context.space.id)
    create = f"{context.type.name}.create"
    return [standing for standing in found if request.has_permission(create, standing)]
