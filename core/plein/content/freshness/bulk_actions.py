"""What the lists of every type offer for many items at once: still true, and another owner."""

from typing import Any, Literal

from pydantic import Field
from pyramid.request import Request

from plein.content.bulk import BulkAction, BulkRefused
from plein.content.contexts import TypeContext
from plein.content.freshness.owners import OWNER_ROLES, ROLE, ROLE_TITLES, Owner, find_owner, set_owner
from plein.content.freshness.reviewing import confirm
from plein.content.models import Content
from plein.people.finding import NoSuchPerson
from plein.web.forms import Errors, Form, parse
from plein.web.i18n import _


class OwnerForm(Form):
    owner: Literal["person", "role:editor", "role:manager"] = "person"
    who: str = Field("", max_length=200)


def owner_values(context: TypeContext, request: Request) -> dict[str, Any]:
    """What the fields of another owner are given."""
    return {"owner_roles": [(ROLE + role, ROLE_TITLES[role]) for role in reversed(OWNER_ROLES)]}


def read_owner(context: TypeContext, request: Request, errors: Errors) -> Owner | None:
    """Who was chosen; what is wrong with that goes into *errors*."""
    form, wrong = parse(OwnerForm, request.POST)
    errors.update(wrong)
    if form is None:
        return None
    try:
        wanted = form.who if form.owner == "person" else form.owner
        return find_owner(request.db, request.viewer, context.space.id, wanted)
    except NoSuchPerson as error:
        errors["who"] = error.sentence
        return None


def give(context: TypeContext, request: Request, item: Content, owner: Owner) -> None:
    set_owner(context.service, item, user_id=owner.user_id, role=owner.role)


def review(context: TypeContext, request: Request, item: Content, _read: Any) -> None:
    if item.state != "published":
        raise BulkRefused(_("Only what is published can be checked."))
    confirm(context.service, item)


ACTIONS = (
    BulkAction("reviewed", _("Still true"), "circle-check", "edit", review, weight=20),
    BulkAction(
        "owner",
        _("Change the owner"),
        "user-check",
        "edit",
        give,
        template="plein:templates/freshness/bulk_owner.pt",
        values=owner_values,
        read=read_owner,
        weight=25,
    ),
)
