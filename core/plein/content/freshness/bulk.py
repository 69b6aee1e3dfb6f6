"""Another owner, and "still true", for many items of a list at once."""

from typing import Any

from pyramid.request import Request

from plein.content.bulk import BulkAction, BulkRefused
from plein.content.contexts import TypeContext
from plein.content.freshness.owners import Owner, find_owner, set_owner
from plein.content.freshness.reviewing import confirm
from plein.content.models import Content
from plein.people.finding import NoSuchPerson
from plein.web.forms import Errors
from plein.web.i18n import _


def read_owner(context: TypeContext, request: Request, errors: Errors) -> Owner | None:
    """The person, or the role, that was filled in."""
    text = request.POST.get("owner", "")[:200].replace("\0", "")
    if not text.strip():
        errors["owner"] = _("Fill this in.")
        return None
    try:
        return find_owner(request.db, request.viewer, context.space.id, text)
    except NoSuchPerson as error:
        errors["owner"] = error.sentence
        return None


def give(context: TypeContext, _request: Request, item: Content, owner: Owner) -> None:
    set_owner(context.service, item, user_id=owner.user_id, role=owner.role)


def review(context: TypeContext, _request: Request, item: Content, _read: Any) -> None:
    if item.state != "published":
        raise BulkRefused(_("Only what is published can be checked."))
    confirm(context.service, item)


BULK = (
    BulkAction("review", _("Still true"), "circle-check", "edit", review, weight=15),
    BulkAction(
        "owner",
        _("Another owner"),
        "user-edit",
        "edit",
        give,
        template="plein:templates/content/bulk_owner.pt",
        read=read_owner,
        weight=20,
    ),
)
