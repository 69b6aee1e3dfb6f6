"""Lists of what must be checked: in a space, on the whole site, and for one person. Stale but popular comes first.

Everything is read under the guard: a list counts and shows what its viewer could open, and no more. Lists select
columns and page by key. The exact number of reads sorts them, and leaves them only in words (see ``reads.shown``);
a cursor is the number of an item, and never a number of reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from plein.content.freshness.models import FreshnessMonth
from plein.content.freshness.owners import OWNER_ROLES
from plein.content.freshness.rules import BEFORE_DAYS
from plein.content.listing import Page
from plein.content.models import Content
from plein.db import utcnow
from plein.people.models import User
from plein.people.standing import is_active, today
from plein.security.viewer import Viewer
from plein.spaces.belonging import spaces_of, who_is
from plein.spaces.models import Space

PAGE = 30
#: Months in the chart.
MONTHS = 12
#: Lines of a file for a spreadsheet.
MOST_LINES = 50_000

FILTERS = ("care", "overdue", "reported", "unowned", "left", "never", "all")

LISTED = (
    Content.id,
    Content.uid,
    Content.type,
    Content.slug,
    Content.title,
    Content.restricted,
    Content.owner_role,
    Content.review_on,
    Content.reviewed_at,
    Content.review_stage,
    Content.open_reports,
    Content.popularity,
    Space.slug.label("space"),
    Space.name.label("space_name"),
    User.id.label("owner_id"),
    User.name.label("owner"),
    User.login.label("owner_login"),
    is_active(User, date.max).label("owner_is_active"),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list is about: one space or all that the viewer sees; of one type or of all.

    :param types: names of the types that have pages.
    """

    types: tuple[str, ...]
    space_id: int | None = None
    type: str = ""

    def condition(self) -> ColumnElement[bool]:
        of_type = [self.type] if self.type in self.types else list(self.types)
        found = [Content.state == "published", Content.type.in_(of_type), Space.archived_at.is_(None)]
        if self.space_id is not None:
            found.append(Content.space_id == self.space_id)
        return and_(*found)


def _conditions(day: date) -> dict[str, ColumnElement[bool]]:
    overdue = and_(Content.review_on.is_not(None), Content.review_on < day)
    reported = Content.open_reports > 0
    unowned = and_(Content.owner_id.is_(None), Content.owner_role.is_(None))
    left = and_(User.id.is_not(None), ~is_active(User, day))
    return {
        "care": or_(overdue, reported, unowned, left),
        "overdue": overdue,
        "reported": reported,
        "unowned": unowned,
        "left": left,
        "never": Content.reviewed_at.is_(None),
        "all": Content.id > 0,
    }


def _rows(scope: Scope, columns: Any = LISTED) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(Content)
        .join(Space, Space.id == Content.space_id)
        .outerjoin(User, User.id == Content.owner_id)
        .where(scope.condition())
    )


def listing(db: Session, scope: Scope, *, show: str = "care", after: int | None = None, size: int = PAGE) -> Page:
    """Items that fit a filter, those that are read most first.

    :param after: the number of the last item of the page before.
    """
    statement = _rows(scope).where(_conditions(today())[show])
    if after is not None:
        last = aliased(Content)
        reads = select(last.popularity).where(last.id == after).scalar_subquery()
        statement = statement.where(
            or_(Content.popularity < reads, and_(Content.popularity == reads, Content.id < after))
        )
    ordered = statement.order_by(Content.popularity.desc(), Content.id.desc())
    rows = list(db.execute(ordered.limit(size + 1)).all())
    return Page(rows[:size], str(rows[size - 1].id) if len(rows) > size else None)


def counts(db: Session, scope: Scope) -> dict[str, int]:
    """How many items fit each filter. One statement."""
    conditions = _conditions(today())
    columns = [func.coalesce(func.sum(case((conditions[name], 1), else_=0)), 0).label(name) for name in FILTERS]
    found = db.execute(_rows(scope, columns)).one()
    return {name: int(getattr(found, name)) for name in FILTERS}


@dataclass(frozen=True, slots=True)
class Month:
    """:param share: how much was up to date, in per cent; ``None`` where there was nothing."""

    month: date
    items: int
    overdue: int

    @property
    def share(self) -> int | None:
        return (self.items - self.overdue) * 100 // self.items if self.items else None


def months(db: Session, space_id: int | None = None) -> list[Month]:
    """How much was up to date in each of the last months, oldest first, in the spaces that the viewer may know of."""
    statement = (
        select(FreshnessMonth.month, func.sum(FreshnessMonth.items), func.sum(FreshnessMonth.overdue))
        .join(Space, Space.id == FreshnessMonth.space_id)
        .group_by(FreshnessMonth.month)
        .order_by(FreshnessMonth.month.desc())
        .limit(MONTHS)
    )
    if space_id is not None:
        statement = statement.where(FreshnessMonth.space_id == space_id)
    return [Month(month, int(items), int(late)) for month, items, late in reversed(db.execute(statement).all())]


def lines(db: Session, scope: Scope, show: str) -> Iterator[Row[Any]]:
    """Everything that fits a filter, for a file. One statement."""
    statement = _rows(scope).where(_conditions(today())[show])
    yield from db.execute(statement.order_by(Content.popularity.desc(), Content.id.desc()).limit(MOST_LINES))


# -- for one person --------------------------------------------------------------------------------------------------


def mine(
    db: Session, viewer: Viewer, scope: Scope, *, due: bool = True, after: int | None = None, size: int = PAGE
) -> Page:
    """What *viewer* looks after, in person or by a role: by the day on which it must be checked.

    :param due: only what must be checked within two weeks, or what readers report.
    :param after: how many to pass over. Few people look after so much that this costs anything.
    """
    who = who_is(viewer, utcnow())
    by_role = [
        and_(Content.owner_id.is_(None), Content.owner_role == role, Content.space_id.in_(spaces_of(who, (role,))))
        for role in OWNER_ROLES
    ]
    statement = _rows(scope).where(or_(Content.owner_id == viewer.user_id, *(by_role or [false()])))
    if due:
        soon = today() + timedelta(days=BEFORE_DAYS)
        statement = statement.where(or_(Content.review_on <= soon, Content.open_reports > 0))
    ordered = statement.order_by(func.coalesce(Content.review_on, date.max), Content.id)
    rows = list(db.execute(ordered.offset(after or 0).limit(size + 1)).all())
    return Page(rows[:size], str((after or 0) + size) if len(rows) > size else None)
