"""Pages of the demonstration that grew old: one that nobody checked, one that a reader reports, one without an owner.

So that whoever tries Plein sees what it does about old pages, without waiting for a year.
"""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.freshness.models import ContentReads, FreshnessMonth, OutdatedReport
from plein.content.freshness.rules import add_months
from plein.content.freshness.stages import MANAGERS, OWNER_BEFORE, OWNER_NOW
from plein.content.models import Content
from plein.people.models import User
from plein.people.standing import today
from plein.security.viewer import Viewer
from plein.spaces.models import Space

#: In how many days each must be checked, its stage, and how often it was read; for pages one after another.
_AGED = ((-20, MANAGERS, 214), (-3, OWNER_NOW, 88), (6, OWNER_BEFORE, 41), (200, 0, 152), (300, 0, 7))
_REPORTED, _UNOWNED = 3, 4
_REPORT = "De openingstijden kloppen niet meer: op vrijdag is de balie nu tot 13.00 uur open."
#: How many of a hundred were up to date in the months before, the first one longest ago.
_SHARES = (62, 60, 64, 69, 71, 70, 76, 81, 80, 84, 86)


def let_pages_age(db: Session, viewer: Viewer, space: Space) -> None:
    """Let some pages of *space* be old, as *viewer* would find them after a year."""
    day = today()
    # The first one is the front page of the handbook.
    items = db.scalars(select(Content).where(Content.space_id == space.id).order_by(Content.id).offset(1)).all()
    people = dict(db.execute(select(User.login, User.id).where(User.login.in_(("tom.bakker", "naima.elamrani")))).all())
    for number, (item, (days, stage, reads)) in enumerate(zip(items, _AGED, strict=False)):
        item.review_on, item.review_stage, item.popularity = day + timedelta(days=days), stage, reads
        item.owner_id = None if number == _UNOWNED else people.get("tom.bakker") if number == 0 else viewer.user_id
        db.add(ContentReads(content_id=item.id, day=day - timedelta(days=5), count=reads))
    if len(items) > _REPORTED and "naima.elamrani" in people:
        reported = items[_REPORTED]
        reported.open_reports = 1
        report = OutdatedReport(content_id=reported.id, reporter_id=people["naima.elamrani"], reason=_REPORT)
        db.add(report)
    first = date(day.year, day.month, 1)
    for ago, share in enumerate(reversed(_SHARES), 1):
        overdue = round(len(items) * (100 - share) / 100)
        month = add_months(first, -ago)
        db.add(FreshnessMonth(space_id=space.id, month=month, items=len(items), overdue=overdue))
    db.flush()
