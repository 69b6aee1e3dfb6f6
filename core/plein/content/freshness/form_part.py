"""In the form of an item: who looks after it and when to check it. Nothing changes where nothing is chosen."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import Field
from pyramid.request import Request

from plein.content.contexts import ContentContext, TypeContext
from plein.content.freshness.owners import OWNER_ROLES, ROLE, ROLE_TITLES, Owner, find_owner, set_owner
from plein.content.freshness.reviewing import date_error, set_date
from plein.content.freshness.rules import MONTHS
from plein.content.models import Content
from plein.content.policies import policies_of
from plein.people.finding import NoSuchPerson
from plein.web.forms import Errors, Form, parse

#: Names of its fields.
FIELDS = ("owner", "owner_who", "review_on")


class OwnerForm(Form):
    owner: Literal["", "person", "role:editor", "role:manager"] = ""
    owner_who: str = Field("", max_length=200)
    review_on: date | None = None


class OwnerPart:
    """Who looks after the item, and the day on which to check it."""

    name = "freshness"
    weight = 60
    template = "plein:templates/content/parts/owner.pt"

    def values(self, context: TypeContext, request: Request, typed: Mapping[str, Any]) -> dict[str, Any] | None:
        return {
            "item": context.item if isinstance(context, ContentContext) else None,
            "person": context.owner if isinstance(context, ContentContext) else None,
            "role_titles": ROLE_TITLES,
            "options": [(ROLE + role, ROLE_TITLES[role]) for role in reversed(OWNER_ROLES)],
            "months": policies_of(context, request)[MONTHS],
        }

    def read(self, context: TypeContext, request: Request, errors: Errors) -> tuple[Owner | None, date | None]:
        form, wrong = parse(OwnerForm, {name: request.POST.get(name, "") for name in FIELDS})
        errors.update(wrong)
        if form is None:
            return None, None
        owner = None
        if form.owner or form.owner_who:
            by_role = form.owner.startswith(ROLE)
            try:
                wanted = form.owner if by_role else form.owner_who
                owner = find_owner(request.db, request.viewer, context.space.id, wanted)
            except NoSuchPerson as error:
                errors["owner" if by_role else "owner_who"] = error.sentence
        # The day that the form was opened with is no choice: the save itself may give another one.
        item = context.item if isinstance(context, ContentContext) else None
        on = None if item is not None and form.review_on == item.review_on else form.review_on
        if on is not None:
            date_error(request, errors, "review_on", on, policies_of(context, request))
        return owner, on

    def store(self, context: TypeContext, request: Request, item: Content, read: Any) -> None:
        owner, on = read
        if owner is not None:
            set_owner(context.service, item, user_id=owner.user_id, role=owner.role)
        if on is not None:
            set_date(context.service, item, on)
