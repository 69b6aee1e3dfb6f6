"""Runs jobs: each once among all processes, again where it failed, and given up where it keeps failing.

A job is taken by marking its row, in a short transaction; the work itself is done outside of it. While it runs, the row
is leased: a process that died stops renewing, and the job is taken by another. What a process writes at the end counts
only where the job is still its own.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine, and_, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased
from structlog.contextvars import bound_contextvars

from plein.contributions import Job
from plein.db import open_session, utcnow
from plein.db.aside import aside
from plein.db.session import BY_ITSELF
from plein.jobs import broker
from plein.jobs.context import JobContext, JobRefused, SiteParts, ViewerFor
from plein.jobs.models import JobSchedule, QueuedJob
from plein.jobs.queue import enqueue, sign_of_life

log = structlog.get_logger(__name__)

#: A process that gave no sign of life for so long is taken for dead; it gives one so often.
LEASE = timedelta(seconds=120)
BEAT_SECONDS = 15.0
#: How often to look for work that nobody was told of, in seconds: what is due now and was not when it was stored, what
#: failed, and what a process left that died between its commit and the broker.
LOOK_SECONDS = 1.0
#: What was handed over so long ago and still waits is handed over again: the message may be lost.
HANDED_AGAIN = timedelta(seconds=60)
#: At most so many in one sweep.
_SWEEP = 500
#: The pause after the first failure; each next is four times as long, up to the longest.
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A job that this process runs; *attempt* tells it from another process that takes it over."""

    id: int
    name: str
    arguments: dict[str, Any]
    key: str | None
    user_id: int | None
    attempt: int


class Executor:
    """
    :param site: settings, plugins, engine, blobs.
    :param viewer_for: finds who a person is at the moment; handed in, because this floor knows no table of people.
    """

    def __init__(self, site: SiteParts, viewer_for: ViewerFor) -> None:
        self.site = site
        self.jobs = site.plugins.jobs
        self._viewer_for = viewer_for
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._consumers: list[Any] = []

    # -- beside the pages, or alone -----------------------------------------------------------------------------

    def start(self) -> None:
        """Run in threads until :meth:`stop`: those of the broker, and one that sweeps."""
        told = broker.attach(self.site)
        self._consumers = told.start(self.run_one, self.site.settings["plein.job_workers"])
        self._thread = threading.Thread(target=self._sweep_on, args=(told,), name="jobs", daemon=True)
        self._thread.start()

    def stop(self, wait_seconds: float | None) -> None:
        """Take no more, and wait for the jobs in hand. One that takes longer is taken over when its lease ends."""
        self._stopping.set()
        end = None if wait_seconds is None else time.monotonic() + wait_seconds
        for consumer in self._consumers:
            consumer.stop()
        threads = [thread for consumer in self._consumers for _worker, thread in consumer.worker_threads]
        for thread in [*threads, self._thread]:
            if thread is not None:
                thread.join(None if end is None else max(0.0, end - time.monotonic()))

    def _sweep_on(self, told: broker.Broker) -> None:
        """Sweep until :meth:`stop`. A database that is away is waited for."""
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self._fire()
                self._sweep(told)
            except DBAPIError as error:
                log.error("jobs.no_database", error=_line(error))
                self._stopping.wait(10 * LOOK_SECONDS)
            except Exception:
                # The thread must outlive whatever it was: nobody would run jobs any more.
                log.exception("jobs.executor_failed")
                self._stopping.wait(10 * LOOK_SECONDS)

    def _sweep(self, told: broker.Broker) -> None:
        """Hand over what is due and nobody was told of. Where the broker is away, do it here and now."""
        untold = and_(self._due(), or_(QueuedJob.handed_at.is_(None), QueuedJob.handed_at < utcnow() - HANDED_AGAIN))
        with open_session(self.site.engine) as db:
            # Asked without a lock, so that looking costs nobody anything.
            if db.scalar(select(QueuedJob.id).where(untold).limit(1)) is None:
                return
        with open_session(self.site.engine, writes=True) as db, db.begin():
            found = select(QueuedJob.id).where(untold).order_by(QueuedJob.run_at, QueuedJob.id).limit(_SWEEP)
            numbers = db.scalars(found.with_for_update(skip_locked=True)).all()
            rows = db.execute(
                update(QueuedJob)
                .where(QueuedJob.id.in_(numbers))
                .values(handed_at=utcnow())
                .returning(QueuedJob.id, QueuedJob.name)
            ).all()
        if not told.hand_over((row.id, row.name) for row in rows):
            for row in rows:
                if self._stopping.is_set():
                    return
                self.run_one(row.id)

    def run_one(self, number: int) -> None:
        """Run the job *number*, where it is still due and nobody else took it."""
        if self._stopping.is_set():
            return
        try:
            taken = self._take(number)
            if taken is not None:
                self._run(taken)
        except DBAPIError as error:
            # It is still due, and will be handed over again.
            log.error("jobs.no_database", job=number, error=_line(error))

    def run_due(self) -> int:
        """Run all that is due, one after another, without a broker: for a command, and in tests.

        :return: how many were run.
        """
        self._fire()
        number = 0
        while not self._stopping.is_set() and self._is_due():
            taken = self._take()
            if taken is None:
                break
            self._run(taken)
            number += 1
        return number

    # -- what recurs --------------------------------------------------------------------------------------------

    def _fire(self) -> None:
        """Have recurring jobs that are due written down; each firing by one process only."""
        recurring = [self.jobs[name] for name in self._awake() if self.jobs[name].recurs]
        now = utcnow()
        with open_session(self.site.engine) as db:
            known = dict(db.execute(select(JobSchedule.name, JobSchedule.next_at)).all())
        for job in recurring:
            if known.get(job.name, now) <= now:
                self._fire_one(job, known.get(job.name), now)

    def _fire_one(self, job: Job, was: datetime | None, now: datetime) -> None:
        following = next_firing(job, now, self.site.settings)
        with open_session(self.site.engine, writes=True) as db, db.begin():
            if was is None:
                insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
                moved = db.execute(
                    insert(JobSchedule)
                    .values(name=job.name, next_at=following)
                    .on_conflict_do_nothing()
                    .returning(JobSchedule.name)
                ).first()
                # What has a time of its own waits for it; the rest begins when it is first known.
                if job.at:
                    return
            else:
                moved = db.execute(
                    update(JobSchedule)
                    .where(JobSchedule.name == job.name, JobSchedule.next_at == was)
                    .values(next_at=following)
                    .returning(JobSchedule.name)
                ).first()
            if moved is not None:
                enqueue(db, job.name, key=f"every {job.name}", user_id=None)

    # -- taking -------------------------------------------------------------------------------------------------

    def _due(self) -> Any:
        """Jobs that this process knows, that are due or whose process died. None whose key runs at this moment."""
        other = aliased(QueuedJob)
        now = utcnow()
        alive = exists(
            select(other.id).where(other.key == QueuedJob.key, other.state == "running", other.lease_until > now)
        )
        return and_(
            QueuedJob.name.in_(self._awake()),
            or_(
                and_(QueuedJob.state == "waiting", QueuedJob.run_at <= now, ~alive),
                and_(QueuedJob.state == "running", QueuedJob.lease_until < now),
            ),
        )

    def _awake(self) -> list[str]:
        """The jobs that this process knows, but for those of a plugin that nobody has: these wait until it is back."""
        plugins = self.site.plugins
        return [name for name in self.jobs if not plugins.is_off(name.partition(".")[0])]

    def _is_due(self) -> bool:
        """Asked without a lock, so that looking costs nobody anything."""
        with open_session(self.site.engine) as db:
            return db.scalar(select(QueuedJob.id).where(self._due()).limit(1)) is not None

    def _take(self, number: int | None = None) -> _Taken | None:
        """Mark job *number*, or the one that is due longest, as this process's own. One that another is taking is
        passed over.
        """
        with open_session(self.site.engine, writes=True) as db, db.begin():
            job = db.scalar(
                select(QueuedJob)
                .where(self._due(), *([] if number is None else [QueuedJob.id == number]))
                .order_by(QueuedJob.run_at, QueuedJob.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if job is None:
                return None
            now = utcnow()
            if job.state == "running":
                log.warning("jobs.process_died", job=job.id, name=job.name, attempt=job.attempts)
                if job.attempts >= self.jobs[job.name].attempts:
                    job.state, job.error, job.finished_at = "failed", "the process that ran it died, each time", now
                    return None
            job.state, job.attempts, job.started_at, job.lease_until = "running", job.attempts + 1, now, now + LEASE
            return _Taken(job.id, job.name, job.arguments, job.key, job.user_id, job.attempts)

    # -- running ------------------------------------------------------------------------------------------------

    def _run(self, taken: _Taken) -> None:
        job = self.jobs[taken.name]
        context = JobContext(self.site, self._viewer_for, taken.id, taken.user_id)
        finished = threading.Event()
        beat = threading.Thread(target=_beat, args=(self.site.engine, taken, finished), daemon=True)
        beat.start()
        try:
            context.viewer()
            with bound_contextvars(**({BY_ITSELF: taken.name} if taken.user_id is None else {})):
                job.run(context, **taken.arguments)
        except JobRefused as error:
            self._finish(taken, "failed", _line(error))
        # SystemExit too: a job must not be able to end the process.
        except (Exception, SystemExit) as error:
            log.error("jobs.failed", job=taken.id, name=taken.name, attempt=taken.attempt, exc_info=error)
            given_up = taken.attempt >= job.attempts
            self._finish(taken, "failed" if given_up else "waiting", _line(error))
        else:
            self._finish(taken, "done", "")
        finally:
            finished.set()
            beat.join()

    def _finish(self, taken: _Taken, state: str, error: str) -> None:
        now = utcnow()
        values: dict[str, Any] = {"state": state, "error": error, "lease_until": None, "handed_at": None}
        if state == "waiting":
            values["run_at"] = now + pause(taken.attempt)
        else:
            values["finished_at"] = now
        if state == "done":
            values["arguments"] = {}
        with open_session(self.site.engine, writes=True) as db, db.begin():
            if state == "waiting" and self._waits_anew(db, taken):
                # Somebody asked for the same in the meantime: that one is the next attempt.
                values |= {"state": "done", "arguments": {}, "finished_at": now}
            if taken.key is not None:
                # The same, asked for while this one ran, was passed over till now.
                same = and_(QueuedJob.key == taken.key, QueuedJob.state == "waiting")
                db.execute(update(QueuedJob).where(same).values(handed_at=None))
            done = db.execute(
                update(QueuedJob)
                .where(QueuedJob.id == taken.id, QueuedJob.attempts == taken.attempt, QueuedJob.state == "running")
                .values(values)
                .returning(QueuedJob.id)
            ).first()
        if done is None:
            log.warning("jobs.taken_over", job=taken.id, name=taken.name, attempt=taken.attempt)

    def _waits_anew(self, db: Any, taken: _Taken) -> bool:
        same = (QueuedJob.state == "waiting", QueuedJob.key == taken.key)
        return taken.key is not None and db.scalar(select(QueuedJob.id).where(*same)) is not None


def next_firing(job: Job, now: datetime, settings: Mapping[str, Any]) -> datetime:
    """When *job*, which recurs, is due after *now*.

    A clock that was set back fires nothing again: what is stored only moves on from the moment it was due.
    """
    if job.every is not None:
        return now + job.every
    zone = ZoneInfo(settings["plein.time_zone"])
    at = time_of_day.fromisoformat(job.at)
    day = now.astimezone(zone).date()
    # A time that the night skips becomes one just after; of a time that comes twice this is the first.
    today = datetime.combine(day, at, zone).astimezone(UTC)
    return today if today > now else datetime.combine(day + timedelta(days=1), at, zone).astimezone(UTC)


def pause(attempt: int) -> timedelta:
    """How long to wait after so many failed attempts."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 4 ** min(attempt - 1, 10))


def _beat(engine: Engine, taken: _Taken, finished: threading.Event) -> None:
    """Renew the lease until *finished*. Where the job's own transaction holds the lock, nobody can take it anyway."""
    while not finished.wait(BEAT_SECONDS):
        try:
            with aside(engine) as connection:
                if not sign_of_life(connection, taken.id, taken.attempt, utcnow() + LEASE):
                    return
        except DBAPIError:
            log.warning("jobs.no_sign_of_life", job=taken.id)


def _line(error: BaseException) -> str:
    """An error in a line of at most 300 characters, for administrators."""
    cause = getattr(error, "orig", None) or error
    text = " ".join(str(cause).split())[:300]
    return text if isinstance(error, JobRefused) and text else f"{type(cause).__name__}: {text}".rstrip(": ")
