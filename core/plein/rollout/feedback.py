"""What people think of a function that they try: asked once on Start, some days after it reached them.

Kept is only what somebody says: an answer, that they rather not, or when to ask again. Nothing is kept of who was asked
or who saw the question.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.ladder import Reach
from plein.ladder.models import Rollout, RolloutAnswer

#: "Later" is after so many days.
LATER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a pilot. ``since`` says which time it is asked."""

    plugin: str
    question: str
    since: datetime


def due(db: Session, reach: Reach) -> Asked | None:
    """The first question that waits for the viewer; no statement where they try nothing, and else one."""
    viewer = reach.viewer
    tried = tries(reach)
    if not tried or not viewer.is_signed_in or viewer.view_as is not None:
        return None
    rows = db.execute(
        select(Rollout.plugin, Rollout.question, Rollout.question_after, Rollout.since, RolloutAnswer)
        .outerjoin(
            RolloutAnswer,
            and_(
                RolloutAnswer.plugin == Rollout.plugin,
                RolloutAnswer.user_id == viewer.user_id,
                RolloutAnswer.asked_since == Rollout.since,
            ),
        )
        .where(Rollout.plugin.in_(tried), Rollout.stage == "pilot", Rollout.question != "")
        .order_by(Rollout.since, Rollout.plugin)
    )
    now = utcnow()
    for row in rows:
        answer = row.RolloutAnswer
        waits = row.since + timedelta(days=row.question_after) <= now if answer is None else _asks_again(answer, now)
        if waits:
            return Asked(row.plugin, row.question, row.since)
    return None


def _asks_again(answer: RolloutAnswer, now: datetime) -> bool:
    return answer.again_at is not None and answer.again_at <= now


def tries(reach: Reach) -> list[str]:
    """The functions in a pilot that the viewer has, outside of spaces."""
    ladder = reach.viewer.ladder
    if ladder is None or ladder.is_open:
        return []
    return [name for name, rung in ladder.rungs.items() if rung.stage == "pilot" and reach.has(name)]


def question_about(db: Session, reach: Reach, plugin: str) -> Asked | None:
    """The question about *plugin*, where the viewer tries it; whether or not they answered."""
    if plugin not in tries(reach):
        return None
    row = db.get(Rollout, plugin)
    if row is None or row.stage != "pilot" or not row.question:
        return None
    return Asked(plugin, row.question, row.since)


def answer(db: Session, user_id: int, asked: Asked, grade: int, text: str) -> None:
    """What somebody says; in place of what they said before."""
    _put(db, user_id, asked, grade=grade, text=text, again_at=None)


def decline(db: Session, user_id: int, asked: Asked) -> None:
    """Somebody rather does not say."""
    _put(db, user_id, asked, grade=None, text="", again_at=None)


def later(db: Session, user_id: int, asked: Asked) -> None:
    """Somebody wants to be asked again, in a week."""
    _put(db, user_id, asked, grade=None, text="", again_at=utcnow() + LATER)


def _put(db: Session, user_id: int, asked: Asked, **values: Any) -> None:
    """One row for each person and time that it is asked, also when two requests come at once."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    said = {**values, "answered_at": utcnow()}
    statement = insert(RolloutAnswer).values(plugin=asked.plugin, user_id=user_id, asked_since=asked.since, **said)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[RolloutAnswer.plugin, RolloutAnswer.user_id, RolloutAnswer.asked_since], set_=said
        ),
        execution_options={"synchronize_session": False},
    )
