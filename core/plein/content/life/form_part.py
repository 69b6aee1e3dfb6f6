"""The part of an item's form about when it appears, when it is archived, and who is asked to approve it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pyramid.request import Request

from plein.content.approving import approver_roles
from plein.content.contexts import ContentContext, TypeContext
from plein.content.life.moments import NoSuchMoment, as_typed, typed_moment
from plein.content.life.reviewers import people_who_approve
from plein.content.life.saving import Act, Plan, needs_approval, state_of
from plein.content.life.service import LifeRefused, LifeService, check_moments
from plein.content.models import Content
from plein.content.policies import policies_of
from plein.web.forms import Errors
from plein.web.i18n import _, time_zone

#: States in which nobody reads an item yet; ``None`` for one that is new.
UNREAD = (None, "draft", "scheduled")


class LifePart:
    """Reads a :class:`Plan`, that the views save by."""

    name = "life"
    weight = 90
    template = "plein:templates/content/life/form_part.pt"

    def values(self, context: TypeContext, request: Request, typed: Mapping[str, Any]) -> dict[str, Any]:
        item = context.item if isinstance(context, ContentContext) else None
        zone = time_zone(request)
        asks = needs_approval(context, request)
        stored = {"when": item.publish_at if item else None, "expires": item.expires_at if item else None}
        return {
            "moments": {name: typed.get(name, as_typed(moment, zone)) for name, moment in stored.items()},
            "plans": state_of(context) in UNREAD,
            # A change that waits for approval is one of the text; the page about the item's life has the rest.
            "ends": not asks or state_of(context) in UNREAD,
            "reviewers": _reviewers(context, request) if asks else None,
            "zone": zone.key.replace("_", " "),
        }

    def read(self, context: TypeContext, request: Request, errors: Errors) -> Plan:
        state = state_of(context)
        publish_at = _moment(request, "when", errors) if state in UNREAD else None
        # Sent by a form without these fields, a script say: what is stored stays.
        kept = context.item.expires_at if isinstance(context, ContentContext) else None
        expires_at = _moment(request, "expires", errors) if "expires" in request.POST else kept
        act = _act(request.POST.get("act", ""), state, publish_at, needs=needs_approval(context, request))
        if act == "later" and publish_at is None and "when" not in errors:
            errors["when"] = _("Choose when it appears.")
        if not {"when", "expires"} & set(errors):
            _check(act, publish_at, expires_at, kept, errors)
        return Plan(act, publish_at if act != "publish" else None, expires_at, _reviewer(context, request, act, errors))

    def store(self, context: TypeContext, request: Request, item: Content, read: Plan) -> None:
        """Nothing where the views saved by the plan; where they do not know of it, when it is archived."""
        if item.expires_at != read.expires_at and item.state != "trashed":
            LifeService(context.service).set_expiry(item, read.expires_at)


def _act(given: str, state: str | None, publish_at: datetime | None, *, needs: bool) -> Act:
    """What the button means for an item in *state*. Without a button, Enter in a script say, nothing is given away."""
    if state not in UNREAD:
        return "propose" if needs or given == "propose" else "publish"
    if given not in ("publish", "draft", "later", "propose"):
        given = {"draft": "draft", "scheduled": "later"}.get(state or "", "publish")
    if given == "draft":
        return "draft"
    if needs or given == "propose":
        return "propose"
    # A moment that is filled in counts, whichever of the buttons it is. A scheduled item shows the one it has: there
    # the button to publish it at once means that.
    return "later" if given == "later" or (publish_at is not None and state != "scheduled") else "publish"


def _moment(request: Request, name: str, errors: Errors) -> datetime | None:
    try:
        return typed_moment(request.POST.get(name, "")[:40], time_zone(request))
    except NoSuchMoment as error:
        errors[name] = error.sentence
        return None


def _check(
    act: Act, publish_at: datetime | None, expires_at: datetime | None, kept: datetime | None, errors: Errors
) -> None:
    appears = publish_at if act in ("later", "propose") else None
    try:
        check_moments(appears, None)
    except LifeRefused as error:
        errors["when"] = error.sentence
        return
    try:
        check_moments(None, expires_at if expires_at != kept else None)
        if appears is not None and expires_at is not None:
            check_moments(appears, expires_at)
    except LifeRefused as error:
        errors["expires"] = error.sentence


def _reviewers(context: TypeContext, request: Request) -> list[Any]:
    roles = approver_roles(policies_of(context, request))
    return list(people_who_approve(request.db, context.space.id, roles, but=request.viewer.user_id))


def _reviewer(context: TypeContext, request: Request, act: Act, errors: Errors) -> int | None:
    given = request.POST.get("reviewer", "")
    if act != "propose" or not given:
        return None
    found = next((one.id for one in _reviewers(context, request) if str(one.id) == given), None)
    if found is None:
        errors["reviewer"] = _("This person may not approve here. Choose somebody else, or nobody.")
    return found
