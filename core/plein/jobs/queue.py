"""The outbox: writing down what is to be done, in the transaction that wants it, and looking after those rows."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, case, delete, event, func, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.db.session import VIEWER
from plein.jobs.broker import broker_of
from plein.jobs.context import JobContext
from plein.jobs.models import QueuedJob

#: How long it can be seen that something was done, and that it was given up.
DONE_KEPT = timedelta(days=7)
FAILED_KEPT = timedelta(days=90)

#: What a session stored, to be handed over when it has committed: numbers and names.
_ENQUEUED = "jobs_enqueued"
_WAITING = QueuedJob.state == "waiting"
#: The condition of the index, as written there: PostgreSQL would not know it again with a parameter.
_OF_INDEX: ColumnElement[bool] = literal_column("state = 'waiting'")


class _Nobody:
    """Stands for "who asks": ``None`` already means the system."""


ASKER = _Nobody()


def enqueue(
    db: Session,
    name: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    run_at: datetime | None = None,
    user_id: int | None | _Nobody = ASKER,
) -> int:
    """Have a job done after *db* commits; nothing happens where it rolls back.

    :param name: of a declared job: ``people.send_invitation``.
    :param arguments: what JSON can hold. Ids rather than texts: it is read later, by whoever runs it.
    :param key: where a job with this key waits already, that one is kept: it then runs after this commit, and not later
        than *run_at*. One that runs already does not count.
    :param run_at: not before this moment; at once where not given.
    :param user_id: as whom it runs, with the rights of that moment; by default who asks, ``None`` for the system.
    :return: the number of the job.
    :raises TypeError: for arguments that JSON cannot hold.
    """
    now = utcnow()
    is_due = run_at is None or run_at <= now
    values = {
        "name": name,
        "arguments": json.loads(json.dumps(dict(arguments or {}), allow_nan=False)),
        "key": key,
        "user_id": getattr(db.info.get(VIEWER), "user_id", None) if isinstance(user_id, _Nobody) else user_id,
        "run_at": run_at or now,
        # Told of after the commit; what is due later the sweep hands over.
        "handed_at": now if is_due and broker_of(db) is not None else None,
    }
    statement = _put(db.get_bind().dialect.name)
    number = db.execute(statement, values, execution_options={"dml_strategy": "raw"}).scalar_one()
    if is_due:
        db.info.setdefault(_ENQUEUED, []).append((int(number), name))
    return int(number)


@cache
def _put(dialect: str) -> Any:
    # Kept: making a statement takes longer than running it, and every save runs this one twice.
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(QueuedJob)
    earlier = case((QueuedJob.run_at <= statement.excluded.run_at, QueuedJob.run_at), else_=statement.excluded.run_at)
    # The update also keeps the row from being taken before this transaction is stored.
    return statement.on_conflict_do_update(
        index_elements=[QueuedJob.key], index_where=_OF_INDEX, set_={"run_at": earlier}
    ).returning(QueuedJob.id)


@event.listens_for(Session, "after_commit")
def _hand_over(db: Session) -> None:
    stored = db.info.pop(_ENQUEUED, None)
    broker = broker_of(db) if stored else None
    if broker is not None:
        broker.hand_over(dict.fromkeys(stored))


@event.listens_for(Session, "after_rollback")
def _forget(db: Session) -> None:
    db.info.pop(_ENQUEUED, None)


def retry(db: Session, number: int) -> str | None:
    """Have a job that was given up done after all, with as many attempts as a new one.

    :return: its name; ``None`` where there is none that was given up, or the same waits already.
    """
    job = db.scalar(select(QueuedJob).where(QueuedJob.id == number, QueuedJob.state == "failed").with_for_update())
    if job is None or (
        job.key is not None and db.scalar(select(QueuedJob.id).where(_WAITING, QueuedJob.key == job.key))
    ):
        return None
    job.state, job.attempts, job.run_at, job.finished_at, job.error = "waiting", 0, utcnow(), None, ""
    db.flush()
    db.info[_ENQUEUED] = True
    return job.name


#: Rows of a page of jobs.
PAGE = 50


def page(db: Session, state: str = "", before: int | None = None) -> tuple[Sequence[Any], int | None]:
    """Jobs, newest first, and the number to ask for the rest with (``None`` at the end). One statement.

    :param state: only those in this state.
    :param before: only those with a lower number.
    """
    rows = select(
        QueuedJob.id,
        QueuedJob.name,
        QueuedJob.state,
        QueuedJob.run_at,
        QueuedJob.attempts,
        QueuedJob.error,
        QueuedJob.progress_done,
        QueuedJob.progress_total,
        QueuedJob.created_at,
        QueuedJob.finished_at,
    ).order_by(QueuedJob.id.desc())
    if state:
        rows = rows.where(QueuedJob.state == state)
    if before is not None:
        rows = rows.where(QueuedJob.id < before)
    found = db.execute(rows.limit(PAGE + 1)).all()
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def counts(db: Session) -> dict[str, int]:
    """How many jobs are in each state that has any."""
    rows = db.execute(select(QueuedJob.state, func.count(QueuedJob.id)).group_by(QueuedJob.state))
    return {str(state): int(number) for state, number in rows}


def throw_away_old(context: JobContext) -> None:
    """The job ``jobs.clean``: what was done is forgotten after a week, what was given up after three months."""
    now = utcnow()
    with context.session() as db:
        db.execute(
            delete(QueuedJob).where(
                or_(
                    (QueuedJob.state == "done") & (QueuedJob.finished_at < now - DONE_KEPT),
                    (QueuedJob.state == "failed") & (QueuedJob.finished_at < now - FAILED_KEPT),
                )
            )
        )


def drop(db: Session, number: int) -> None:
    """Forget a job that waits or was given up: what it was about is gone."""
    db.execute(delete(QueuedJob).where(QueuedJob.id == number, QueuedJob.state != "running"))


def sign_of_life(db: Any, number: int, attempt: int, until: datetime) -> bool:
    """Say that the process running a job lives; whether it may go on believing that the job is its own."""
    changed = db.execute(
        update(QueuedJob)
        .where(QueuedJob.id == number, QueuedJob.attempts == attempt, QueuedJob.state == "running")
        .values(lease_until=until)
    )
    return bool(changed.rowcount)
