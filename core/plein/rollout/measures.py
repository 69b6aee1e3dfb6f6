"""How it goes with a function, from rows that exist anyway: what was written, reads without readers, answers given.

Nobody is followed for this. Numbers that are about people are none about fewer than five, and no number here leads to
anybody: reads are counted without who reads, answers are shown without who answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, and_, case, func, select
from sqlalchemy.orm import Session

from plein.content.freshness.models import ContentReads
from plein.content.models import Content, Revision
from plein.db import db_unguarded, utcnow
from plein.ladder import Rung
from plein.ladder.models import RolloutAnswer
from plein.people.models import User
from plein.people.standing import is_active
from plein.rollout.reaching import count_reached, of_types, reaches

#: Fewer people than this are not measured.
FEWEST = 5
#: The chart shows so many weeks at most.
WEEKS = 13
#: "Active" is who wrote something in as many days.
ACTIVE_DAYS = 7
#: Answers in words that a page shows.
MOST_TEXTS = 200


@dataclass(frozen=True, slots=True)
class Week:
    """A week from its first day on, and how often something of the function was made or changed in it."""

    begins: date
    changes: int


@dataclass(frozen=True, slots=True)
class Answers:
    """:param count: who gave a grade. *mean* and *grades* (how many gave each of 1 to 5) only from five on.
    :param texts: what people wrote, in an order that says nothing of who or when.
    """

    count: int
    mean: float | None
    grades: tuple[int, ...]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """:param reached: how many people have it. *active*: the part that wrote lately, in percent; none about few.
    :param items: made since the start, in as many *spaces*; *reads* since then.
    """

    reached: int
    active: int | None
    items: int
    spaces: int
    reads: int
    weeks: tuple[Week, ...]
    answers: Answers

    def value(self, measure: str) -> float | None:
        """What a measure stands at."""
        if measure == "grade":
            return self.answers.mean
        return getattr(self, measure) if measure in ("active", "items", "spaces", "reads") else None


def measure(engine: Engine, types: Sequence[str], plugin: str, rung: Rung, since: datetime, zone: str) -> Measured:
    """How it goes with *plugin* since that moment. Eight statements, however much there is.

    :param types: the names of its content types.
    :param zone: the site's time zone, in which weeks begin.
    """
    with db_unguarded(engine, reason="administration measures how it goes with a function") as db:
        reached = count_reached(db, rung)
        items, spaces = _made(db, types, since)
        return Measured(
            reached,
            _active(db, types, rung, reached),
            items,
            spaces,
            _reads(db, types, since),
            _weeks(db, types, since, ZoneInfo(zone)),
            _answers(db, plugin, since),
        )


def _active(db: Session, types: Sequence[str], rung: Rung, reached: int) -> int | None:
    if reached < FEWEST or not types:
        return None
    wrote = (
        select(func.count(Revision.author_id.distinct()))
        .join(Content, Content.id == Revision.content_id)
        .join(User, User.id == Revision.author_id)
        .where(
            of_types(types),
            Revision.created_at >= utcnow() - timedelta(days=ACTIVE_DAYS),
            is_active(User),
            reaches(rung),
        )
    )
    return round(100 * (db.scalar(wrote) or 0) / reached)


def _made(db: Session, types: Sequence[str], since: datetime) -> tuple[int, int]:
    made = select(func.count(Content.id), func.count(Content.space_id.distinct())).where(
        of_types(types), Content.created_at >= since, Content.state.in_(("published", "archived"))
    )
    items, spaces = db.execute(made).one()
    return int(items), int(spaces)


def _reads(db: Session, types: Sequence[str], since: datetime) -> int:
    reads = (
        select(func.coalesce(func.sum(ContentReads.count), 0))
        .join(Content, Content.id == ContentReads.content_id)
        .where(of_types(types), ContentReads.day >= since.date())
    )
    return int(db.scalar(reads) or 0)


def _weeks(db: Session, types: Sequence[str], since: datetime, zone: ZoneInfo) -> tuple[Week, ...]:
    """The weeks since the start, at most :data:`WEEKS` of them, oldest first."""
    begins = first_days(since.astimezone(zone).date(), utcnow().astimezone(zone).date())
    moments = [datetime.combine(day, time(), zone) for day in (*begins, begins[-1] + timedelta(days=7))]
    within = [
        func.coalesce(func.sum(case((and_(Revision.created_at >= start, Revision.created_at < end), 1), else_=0)), 0)
        for start, end in zip(moments, moments[1:], strict=False)
    ]
    counts = db.execute(
        select(*within)
        .join(Content, Content.id == Revision.content_id)
        .where(of_types(types), Revision.created_at >= moments[0])
    ).one()
    return tuple(Week(day, int(number)) for day, number in zip(begins, counts, strict=True))


def first_days(since: date, until: date) -> list[date]:
    """The Mondays of the weeks from *since* to *until*, the last :data:`WEEKS` of them; never none."""
    last = until - timedelta(days=until.weekday())
    first = min(since - timedelta(days=since.weekday()), last)
    number = min((last - first).days // 7 + 1, WEEKS)
    return [last - timedelta(weeks=back) for back in reversed(range(number))]


def _answers(db: Session, plugin: str, since: datetime) -> Answers:
    of_round = (RolloutAnswer.plugin == plugin, RolloutAnswer.asked_since == since)
    rows = select(RolloutAnswer.grade, func.count(RolloutAnswer.id)).where(*of_round, RolloutAnswer.grade.is_not(None))
    by_grade = {row[0] or 0: int(row[1]) for row in db.execute(rows.group_by(RolloutAnswer.grade))}
    count = sum(by_grade.values())
    texts = db.scalars(
        select(RolloutAnswer.text)
        .where(*of_round, RolloutAnswer.text != "")
        .order_by(func.lower(RolloutAnswer.text))
        .limit(MOST_TEXTS)
    ).all()
    if count < FEWEST:
        return Answers(count, None, (), texts)
    mean = round(sum(grade * number for grade, number in by_grade.items()) / count, 1)
    return Answers(count, mean, tuple(by_grade.get(grade, 0) for grade in range(1, 6)), texts)


def has_succeeded(measured: Measured, measure: str, target: int | None) -> Any:
    """Whether the target is met; ``None`` where there is none, or no number yet."""
    value = measured.value(measure)
    return None if value is None or target is None else value >= target
