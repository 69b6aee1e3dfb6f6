"""Reminding: who is told that an item must be checked, and when; and dates that follow a change of the rule.

An item goes from stage to stage, each once: the owner two weeks beforehand, the owner on the day, after the grace the
managers of the space, and as many days later the content officers. The stage is a column that is moved from the value
that was read (compare and set), together with the event that tells of it: two workers tell nobody twice. An item that
is found far past its date goes to the last stage that is due at once; nobody gets four reminders in one night.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, and_, bindparam, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.audit import ORIGIN
from plein.content.freshness.models import FreshnessMonth
from plein.content.freshness.owners import People
from plein.content.freshness.rules import BEFORE_DAYS, GRACE, MONTHS, Rules, add_months, first_date, load_rules
from plein.content.models import Content
from plein.db import db_unguarded
from plein.events import emit
from plein.jobs.context import JobContext
from plein.people.standing import today
from plein.spaces.models import Space

NOBODY, OWNER_BEFORE, OWNER_NOW, MANAGERS, OFFICERS = range(5)
#: Months of which it is kept how much was up to date.
KEPT_MONTHS = 36
#: Items of one transaction: few where people are told, so that nobody who saves waits for it.
_BATCH, _TOLD = 200, 25


def remind(context: JobContext) -> None:
    """The job ``freshness.remind``, once a day."""
    day = today(context.site.settings["plein.time_zone"])
    types = tuple(context.site.plugins.awake().content_types)
    for step in (_follow_rules, _tell):
        last: int | None = 0
        while last is not None:
            with db_unguarded(context.site.engine, reason="items that must be checked", writes=True) as db:
                db.info[ORIGIN] = "job"
                last = step(db, load_rules(db, types), day, last)
    with db_unguarded(context.site.engine, reason="how much is up to date in each space", writes=True) as db:
        _keep_month(db, types, day)


# -- telling ---------------------------------------------------------------------------------------------------------


def due_stage(review_on: date, grace: int, day: date) -> int:
    """The stage that an item should be in on *day*."""
    late = (day - review_on).days
    if late < -BEFORE_DAYS:
        return NOBODY
    if late < 0:
        return OWNER_BEFORE
    if late < max(grace, 1):
        return OWNER_NOW
    return MANAGERS if late < 2 * max(grace, 1) else OFFICERS


def _tell(db: Session, rules: Rules, day: date, after: int) -> int | None:
    """A batch of items that are due; the last one's number, ``None`` at the end."""
    grace = lambda times: rules.as_sql(GRACE, lambda days: literal(day - timedelta(days=times * max(days, 1)), Date))  # noqa: E731
    due = or_(
        and_(Content.review_stage < OWNER_BEFORE, Content.review_on <= day + timedelta(days=BEFORE_DAYS)),
        and_(Content.review_stage < OWNER_NOW, Content.review_on <= day),
        and_(Content.review_stage < MANAGERS, Content.review_on <= grace(1)),
        and_(Content.review_stage < OFFICERS, Content.review_on <= grace(2)),
    )
    rows = db.execute(
        select(
            Content.id,
            Content.type,
            Content.space_id,
            Content.owner_id,
            Content.owner_role,
            Content.review_on,
            Content.review_stage,
        )
        .join(Space, Space.id == Content.space_id)
        .where(Content.id > after, _living(rules.types), due)
        .order_by(Content.id)
        .limit(_TOLD)
    ).all()
    people = People(db)
    for row in rows:
        stage = due_stage(row.review_on, rules.get(GRACE, row.type, row.space_id), day)
        if stage > row.review_stage and _move(db, row, stage):
            _emit(db, people, row, stage)
    return rows[-1].id if len(rows) == _TOLD else None


def _living(types: Iterable[str]) -> Any:
    return and_(Content.state == "published", Content.type.in_(list(types)), Space.archived_at.is_(None))


_MOVE = (
    update(Content)
    .where(
        Content.id == bindparam("number"),
        Content.review_stage == bindparam("was"),
        Content.review_on == bindparam("on"),
    )
    .values(review_stage=bindparam("stage"))
    .returning(Content.id)
)


def _move(db: Session, row: Any, stage: int) -> bool:
    """Put the item in *stage*, unless somebody did, or checked it, since it was read."""
    values = {"number": row.id, "was": row.review_stage, "on": row.review_on, "stage": stage}
    return db.execute(_MOVE, values, execution_options={"synchronize_session": False}).first() is not None


def _emit(db: Session, people: People, row: Any, stage: int) -> None:
    if stage in (OWNER_BEFORE, OWNER_NOW):
        kind, addressed = "review.due", people.behind(row.owner_id, row.owner_role, row.space_id)
    elif stage == MANAGERS:
        kind, addressed = "review.escalated", people.managers(row.space_id)
    else:
        kind, addressed = "review.escalated", people.officers()
    on = row.review_on.isoformat()
    key = f"{kind} {row.id} {on} {stage}"
    emit(db, kind, content_id=row.id, addressed=addressed, details={"day": on}, key=key)


# -- following the rules -----------------------------------------------------------------------------------------------


def _follow_rules(db: Session, rules: Rules, day: date, after: int) -> int | None:
    """A batch of items whose date does not fit the rule; the last one's number, ``None`` at the end."""
    latest = rules.as_sql(MONTHS, lambda months: literal(add_months(day, months) if months else None, Date))
    asked = rules.as_sql(MONTHS, lambda months: literal(bool(months)))
    wrong = or_(
        and_(asked, Content.review_on.is_(None)),
        and_(~asked, Content.review_on.is_not(None)),
        and_(asked, Content.review_on > latest),
    )
    touched = func.coalesce(Content.reviewed_at, Content.updated_at)
    rows = db.execute(
        select(Content.id, Content.type, Content.space_id, Content.review_on, touched.label("touched"))
        .join(Space, Space.id == Content.space_id)
        .where(Content.id > after, _living(rules.types), wrong)
        .order_by(Content.id)
        .limit(_BATCH)
    ).all()
    for row in rows:
        on = _right_date(row, rules.get(MONTHS, row.type, row.space_id), day)
        was = Content.review_on.is_(None) if row.review_on is None else Content.review_on == row.review_on
        db.execute(
            update(Content).where(Content.id == row.id, was).values(review_on=on, review_stage=0),
            execution_options={"synchronize_session": False},
        )
    return rows[-1].id if len(rows) == _BATCH else None


def _right_date(row: Any, months: int, day: date) -> date | None:
    if not months:
        return None
    if row.review_on is None:
        touched = row.touched.date() if isinstance(row.touched, datetime) else day
        return first_date(row.id, touched, day, months)
    return add_months(day, months)


# -- how much is up to date ------------------------------------------------------------------------------------------


def _keep_month(db: Session, types: tuple[str, ...], day: date) -> None:
    """Write down for each space how many items it has and how many are past their date, for the month of *day*."""
    month = day.replace(day=1)
    overdue = func.sum(case((Content.review_on < day, 1), else_=0))
    rows = db.execute(
        select(Content.space_id, func.count(Content.id), overdue)
        .join(Space, Space.id == Content.space_id)
        .where(_living(types))
        .group_by(Content.space_id)
    ).all()
    db.execute(delete(FreshnessMonth).where(FreshnessMonth.month < add_months(month, -KEPT_MONTHS)))
    if not rows:
        return
    # In one statement and one order: another worker may be writing the same at this moment.
    values = [
        {"space_id": space_id, "month": month, "items": items, "overdue": int(late or 0)}
        for space_id, items, late in sorted(rows, key=lambda row: row[0])
    ]
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(FreshnessMonth).values(values)
    counted = {"items": statement.excluded["items"], "overdue": statement.excluded["overdue"]}
    db.execute(
        statement.on_conflict_do_update(index_elements=[FreshnessMonth.space_id, FreshnessMonth.month], set_=counted),
        execution_options={"synchronize_session": False},
    )
