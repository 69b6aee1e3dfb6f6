"""Throwing an item away, putting it back, and moving it to another space."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request

from plein.content.contexts import ContentContext
from plein.content.views.show import item_values
from plein.spaces.contexts import standings
from plein.spaces.models import Space
from plein.web.i18n import _


def delete(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Throw the item away; the notice that follows can undo it."""
    context.service.trash(context.item)
    request.notice(
        _("“${title}” is in the deleted items.", mapping={"title": context.item.title}), undo=context.url("undelete")
    )
    return HTTPSeeOther(context.url("list"))


def undelete(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Put the item back."""
    context.service.untrash(context.item)
    request.notice(_("“${title}” is back.", mapping={"title": context.item.title}))
    return HTTPSeeOther(context.url("show"))


def move(context: ContentContext, request: Request) -> Any:
    """Choose another space, and move the item there."""
    spaces = _spaces_to_move_to(context, request)
    errors: dict[str, Any] = {}
    if request.method == "POST":
        target = next((space for space in spaces if space.slug == request.POST.get("space")), None)
        if target is not None:
            context.service.move_to_space(context.item, target)
            request.notice(_("Moved to ${space}. The old address leads here.", mapping={"space": target.name}))
            place = {"space": target.slug, "slug": context.item.slug}
            return HTTPSeeOther(request.route_path(f"{context.type.name}.show", **place))
        errors["space"] = _("Choose a space from the list.")
        request.response.status_int = 422
    return {**item_values(context, request), "spaces": spaces, "errors": errors}


def _spaces_to_move_to(context: ContentContext, request: Request) -> list[Space]:
    """Other spaces in which the viewer may create items of this type."""
    found = standings(request.db, request.viewer, Space.id != context.space.id)
    create = f"{context.type.name}.create"
    return [standing.space for standing in found if request.has_permission(create, standing)]
