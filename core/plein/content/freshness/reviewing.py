"""Saying that an item is still true, and the date on which somebody must say so again."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pyramid.request import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.changes import tell
from plein.content.freshness.owners import lock
from plein.content.freshness.rules import MONTHS, ON_EDIT, OWNER, add_months, next_date
from plein.content.models import Content, Transition
from plein.content.policies import Policies, policies
from plein.content.services import ContentService
from plein.contributions import ContentChange
from plein.db import utcnow
from plein.people.standing import today
from plein.web.forms import Errors
from plein.web.i18n import _, show_date

#: How long somebody can take back that they checked something.
UNDO = timedelta(hours=1)
#: Where the rule says never, somebody may still choose a date of their own, at most so many months away.
MOST_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Before:
    """What a check changed, to put it back."""

    review_on: date | None
    stage: int


def confirm(service: ContentService, item: Content, *, note: str = "", on: date | None = None) -> Before:
    """Say that *item* is still true.

    :param on: when to check it again, instead of what the rule says.
    :raises SpaceArchived: where the item's space is only read.
    """
    lock(service.db, item)
    before = Before(item.review_on, item.review_stage)
    months = policies(service.db, item.type, item.space_id)[MONTHS]
    item.reviewed_at, item.reviewed_by_id = utcnow(), service.viewer.user_id
    item.review_on, item.review_stage = on or next_date(today(), months), 0
    service.note(item, "reviewed", reason=note, before=_as_json(before))
    return before


def take_back(service: ContentService, item: Content, before: Before) -> bool:
    """Take back what the viewer said just now. False where somebody else checked it since, or too long ago.

    :raises SpaceArchived: where the item's space is only read.
    """
    lock(service.db, item)
    checks = service.db.scalars(
        select(Transition)
        .where(Transition.content_id == item.id, Transition.action == "reviewed")
        .order_by(Transition.id.desc())
        .limit(2)
    ).all()
    if not checks or checks[0].actor_id != service.viewer.user_id or checks[0].created_at < utcnow() - UNDO:
        return False
    earlier = checks[1] if len(checks) > 1 else None
    item.reviewed_at = earlier.created_at if earlier else None
    item.reviewed_by_id = earlier.actor_id if earlier else None
    item.review_on, item.review_stage = before.review_on, before.stage
    service.db.delete(checks[0])
    service.db.flush()
    change = ContentChange(item, "reviewed", service.viewer, before=_as_json(before))
    tell(service.plugins, service.db, change)
    return True


def set_date(service: ContentService, item: Content, on: date) -> Before:
    """Choose another date to check *item*, without saying that it is true.

    :raises SpaceArchived: where the item's space is only read.
    """
    lock(service.db, item)
    before = Before(item.review_on, item.review_stage)
    if on != item.review_on:
        item.review_on, item.review_stage = on, 0
        service.db.flush()
    return before


def date_error(request: Request, errors: Errors, name: str, on: date | None, rules: Policies) -> None:
    """Put a sentence in *errors* where *on* cannot be the date of a check: past, or further than the rule allows."""
    day = today()
    last = add_months(day, rules[MONTHS] or MOST_MONTHS)
    if on is not None and on <= day:
        errors[name] = _("Choose a day that has yet to come.")
    elif on is not None and on > last:
        errors[name] = _("This is too far away: ${day} at the latest.", mapping={"day": show_date(request, last)})


def _as_json(before: Before) -> dict[str, Any]:
    return {"review_on": before.review_on and before.review_on.isoformat(), "review_stage": before.stage}


def on_change(db: Session, change: ContentChange) -> None:
    """Part of every change of an item: something new gets an owner and a date, and an edit may count as a check."""
    item = change.item
    if change.action in ("created", "copied"):
        _begin(db, item, policies(db, item.type, item.space_id))
    elif change.action in ("published", "unarchived") and item.review_on is None:
        item.review_on = next_date(today(), policies(db, item.type, item.space_id)[MONTHS])
    elif change.action in ("saved", "renamed") and not change.minor and item.review_on is not None:
        rules = policies(db, item.type, item.space_id)
        if rules[ON_EDIT] and change.actor.user_id is not None:
            item.reviewed_at, item.reviewed_by_id = utcnow(), change.actor.user_id
            item.review_on, item.review_stage = next_date(today(), rules[MONTHS]), 0
    db.flush()


def _begin(db: Session, item: Content, rules: Policies) -> None:
    role = rules[OWNER]
    if role != "author" and item.owner_id == item.author_id:
        item.owner_id, item.owner_role = None, role
    if item.state == "published":
        item.review_on, item.review_stage = next_date(today(), rules[MONTHS]), 0
