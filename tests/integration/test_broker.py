"""The broker on the engines it can be: SQLite and PostgreSQL as the site has them, and a real Redis."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from redis_server import RedisServer
from sqlalchemy import func, select, update

from plein.contributions import Job
from plein.core_settings import CORE_SETTINGS
from plein.db import open_session, utcnow
from plein.jobs import broker, enqueue, executor
from plein.jobs.executor import Executor, next_firing
from plein.jobs.models import JobSchedule, QueuedJob
from plein.people.standing import viewer_for


@pytest.fixture(scope="module")
def redis(tmp_path_factory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(params=["database", "redis"])
def address(request) -> str:
    return "database" if request.param == "database" else request.getfixturevalue("redis").address


@pytest.fixture
def done() -> list[Any]:
    return []


@pytest.fixture
def start(engine, done) -> Iterator[Callable[..., Executor]]:
    """``start(address, jobs)``: an executor of its own for the site, running."""
    running: list[Executor] = []

    def run(address: str, *more: Job) -> Executor:
        work = Job("test.work", lambda _context, **arguments: done.append(arguments["n"]), "Work")
        settings = {"plein.jobs_broker": address, "plein.job_workers": 2, "plein.time_zone": "Europe/Amsterdam"}
        jobs = {job.name: job for job in (work, *more)}
        site: Any = SimpleNamespace(
            engine=engine, settings=settings, plugins=SimpleNamespace(jobs=jobs, is_off=lambda name: False), blobs=None
        )
        running.append(Executor(site, viewer_for))
        running[-1].start()
        return running[-1]

    yield run
    for one in running:
        one.stop(10)
    broker.forget(engine)


def wait_until(condition: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def look(engine, statement: Any) -> Any:
    """A look that holds no lock: the session of the test would, on SQLite, keep workers from writing."""
    with open_session(engine) as db:
        return db.scalar(statement)


def ask(db, count: int = 1, **options) -> None:
    for n in range(count):
        enqueue(db, options.get("name", "test.work"), {"n": n}, run_at=options.get("run_at"))
    db.commit()


def test_each_is_done_once_by_several_at_once(db, engine, start, done, address):
    start(address)
    start(address)
    ask(db, 24)
    wait_until(lambda: len(done) >= 24)
    assert sorted(done) == list(range(24))
    wait_until(lambda: look(engine, select(QueuedJob.id).where(QueuedJob.state != "done")) is None)
    assert look(engine, select(func.max(QueuedJob.attempts))) == 1


def test_what_was_rolled_back_is_told_to_nobody(db, engine, start, done):
    start("database")
    enqueue(db, "test.work", {"n": 1})
    db.rollback()
    ask(db)
    wait_until(lambda: len(done) == 1)
    assert done == [0]


def test_lost_message_is_sent_again_and_a_second_one_does_nothing(db, engine, start, done, address, monkeypatch):
    monkeypatch.setattr(executor, "HANDED_AGAIN", timedelta(seconds=0))
    site: Any = SimpleNamespace(
        engine=engine, settings={"plein.jobs_broker": address}, plugins=SimpleNamespace(jobs={})
    )
    told = broker.attach(site)
    ask(db, 3)
    assert told.waiting() == 3
    for huey in told._hueys.values():
        huey.storage.flush_queue()
    start(address)
    wait_until(lambda: len(done) == 3)
    told.hand_over([(number, "test.work") for number in db.scalars(select(QueuedJob.id))])
    ask(db)
    wait_until(lambda: len(done) == 4)
    assert sorted(done) == [0, 0, 1, 2]


def test_work_goes_on_while_the_broker_is_away(db, start, done, tmp_path):
    server = RedisServer(tmp_path)
    start(server.address)
    ask(db)
    wait_until(lambda: len(done) == 1)
    server.stop()
    begin = time.monotonic()
    ask(db)
    assert time.monotonic() - begin < 3
    db.execute(update(QueuedJob).where(QueuedJob.state == "waiting").values(handed_at=None))
    db.commit()
    wait_until(lambda: len(done) == 2)


def test_message_is_a_number_as_json(db, engine, redis):
    site: Any = SimpleNamespace(
        engine=engine, settings={"plein.jobs_broker": redis.address}, plugins=SimpleNamespace(jobs={})
    )
    told = broker.attach(site)
    told._hueys["quick"].storage.flush_queue()
    ask(db)
    (message,) = told._hueys["quick"].storage.enqueued_items()
    number = db.scalar(select(QueuedJob.id))
    assert message.endswith(f'run", [{number}]]'.encode())
    told._hueys["quick"].storage.flush_queue()
    broker.forget(engine)


def test_quick_work_does_not_wait_for_slow_work(db, start, done):
    begun, may_end = threading.Event(), threading.Event()

    def slow(_context, n: int) -> None:
        begun.set()
        may_end.wait(20)

    start("database", Job("test.slow", slow, "Slow", lane="slow"))
    ask(db, 4, name="test.slow")
    assert begun.wait(10)
    ask(db, 5)
    wait_until(lambda: len(done) == 5)
    may_end.set()


def test_work_for_later_is_done_when_it_is_due(db, start, done):
    start("database")
    ask(db, run_at=utcnow() + timedelta(seconds=1.5))
    ask(db)
    wait_until(lambda: len(done) == 1)
    wait_until(lambda: len(done) == 2)


# -- at a time of the day ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "at", "expected"),
    [
        ("2026-03-28T12:00", "02:30", "2026-03-29T01:30"),  # the night without 02:30: just after
        ("2026-03-29T02:00", "02:30", "2026-03-30T00:30"),
        ("2026-10-24T12:00", "02:30", "2026-10-25T00:30"),  # the night with 02:30 twice: the first
        ("2026-10-25T00:30", "02:30", "2026-10-26T01:30"),  # and not the second
        ("2026-07-01T04:29", "06:30", "2026-07-01T04:30"),
        ("2026-07-01T04:30", "06:30", "2026-07-02T04:30"),
    ],
)
def test_time_of_the_day_comes_once_a_day_also_when_the_clock_is_changed(now, at, expected):
    job = Job("test.daily", lambda _context: None, "Daily", at=at)
    settings = {"plein.time_zone": "Europe/Amsterdam"}
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_firing(job, moment, settings) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_daily_work_waits_for_its_time_and_a_clock_set_back_does_not_fire_it_again(db, engine, start, done):
    daily = Job("test.daily", lambda _context: done.append("daily"), "Daily", at="06:30")
    one = start("database", daily)
    wait_until(lambda: look(engine, select(JobSchedule.next_at)) is not None)
    assert done == []
    due = utcnow() - timedelta(seconds=1)
    db.execute(update(JobSchedule).values(next_at=due))
    db.commit()
    wait_until(lambda: done == ["daily"])
    db.rollback()
    # As a process whose clock stands before that moment sees it.
    one._fire_one(daily, due, due - timedelta(hours=1))
    assert db.scalar(select(func.count(QueuedJob.id))) == 1


def test_broker_setting_refuses_what_it_cannot_be():
    (setting,) = [one for one in CORE_SETTINGS if one.name == "plein.jobs_broker"]
    assert setting.check is not None
    setting.check("valkey://10.0.0.1:6379/2")
    with pytest.raises(ValueError, match="must be database"):
        setting.check("amqp://somewhere")
