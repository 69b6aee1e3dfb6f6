"""Work for later: stored with what wants it done, done once among all processes, tried again, and given up."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from plein.contributions import Job
from plein.db import db_unguarded, open_session, utcnow
from plein.jobs import JobRefused, enqueue
from plein.jobs.broker import forget
from plein.jobs.executor import Executor, pause
from plein.jobs.models import JobSchedule, QueuedJob
from plein.jobs.queue import DONE_KEPT, page, retry, throw_away_old
from plein.people.models import User
from plein.people.standing import viewer_for
from plein.spaces.models import Space


@pytest.fixture(autouse=True)
def logs() -> Iterator[list]:
    with capture_logs() as captured:
        yield captured


@pytest.fixture
def done() -> list[Any]:
    return []


@pytest.fixture
def executor(engine, done) -> Callable[..., Executor]:
    """``executor(run, every=…)``: one that knows the job ``test.work``."""

    def make(run=lambda context, **arguments: done.append(arguments), **options) -> Executor:
        jobs = {"test.work": Job("test.work", run, "Work", **options)}
        settings = {"plein.jobs_broker": "database", "plein.job_workers": 2}
        plugins = SimpleNamespace(jobs=jobs, is_off=lambda name: False)
        site: Any = SimpleNamespace(engine=engine, settings=settings, plugins=plugins, blobs=None)
        return Executor(site, viewer_for)

    return make


def ask(db, **options) -> int:
    number = enqueue(db, "test.work", options.pop("arguments", {"a": 1}), **options)
    db.commit()
    return number


def job(db, number: int) -> QueuedJob:
    db.rollback()
    db.expire_all()
    return db.get(QueuedJob, number)


def hurry(db) -> None:
    db.execute(update(QueuedJob).where(QueuedJob.state == "waiting").values(run_at=utcnow()))
    db.commit()


def test_work_is_done_and_its_arguments_are_forgotten(db, executor, done):
    number = ask(db)
    assert executor().run_due() == 1
    assert done == [{"a": 1}]
    row = job(db, number)
    assert (row.state, row.arguments, row.attempts) == ("done", {}, 1)
    assert row.finished_at >= row.started_at >= row.created_at
    assert executor().run_due() == 0


def test_work_is_not_stored_where_what_wants_it_is_rolled_back(db, executor):
    enqueue(db, "test.work")
    db.rollback()
    assert executor().run_due() == 0


def test_arguments_are_what_json_can_hold(db):
    with pytest.raises(TypeError):
        enqueue(db, "test.work", {"when": utcnow()})
    with pytest.raises(ValueError):
        enqueue(db, "test.work", {"size": float("nan")})


def test_two_that_wait_with_one_key_are_one_and_the_earlier_moment_holds(db, executor, done):
    first = ask(db, key="k", run_at=utcnow() + timedelta(hours=1))
    assert executor().run_due() == 0
    assert ask(db, key="k", arguments={"a": 2}) == first
    assert executor().run_due() == 1
    assert done == [{"a": 1}]
    assert ask(db, key="k") != first


def test_a_key_that_runs_is_not_run_beside_itself(db, engine, executor, done):
    waiting = []

    def run(context, **_):
        if not done:
            with open_session(engine, writes=True) as other, other.begin():
                waiting.append(enqueue(other, "test.work", key="k"))
            done.append(executor().run_due())

    ask(db, key="k")
    assert executor(run).run_due() == 2
    assert done == [0]
    assert job(db, waiting[0]).state == "done"


def test_work_of_an_unknown_name_waits_for_whoever_knows_it(db, executor):
    number = enqueue(db, "gone.work")
    db.commit()
    assert executor().run_due() == 0
    assert job(db, number).state == "waiting"


def test_failure_is_tried_again_later_and_then_given_up(db, executor):
    def run(context, **_):
        raise OSError("the server is away")

    number = ask(db)
    before = utcnow()
    assert executor(run, attempts=2).run_due() == 1
    row = job(db, number)
    assert (row.state, row.error) == ("waiting", "OSError: the server is away")
    assert row.run_at > before + timedelta(seconds=5)
    assert executor(run, attempts=2).run_due() == 0
    hurry(db)
    assert executor(run, attempts=2).run_due() == 1
    row = job(db, number)
    assert (row.state, row.attempts, row.arguments) == ("failed", 2, {"a": 1})


def test_pauses_grow_to_an_hour():
    assert [pause(n).total_seconds() for n in (1, 2, 3, 4, 5, 6, 60)] == [10, 40, 160, 640, 2560, 3600, 3600]


def test_work_that_was_given_up_is_done_when_somebody_asks_again(db, executor, done):
    def run(context, **_):
        raise JobRefused("no such page")

    number = ask(db, key="k")
    executor(run).run_due()
    assert (job(db, number).state, job(db, number).error) == ("failed", "no such page")
    assert retry(db, number) == "test.work"
    assert retry(db, number) is None
    db.commit()
    assert executor().run_due() == 1
    assert job(db, number).state == "done"


def test_asking_again_does_not_make_two_of_one_key(db, executor):
    def run(context, **_):
        raise JobRefused("no")

    failed = ask(db, key="k")
    executor(run).run_due()
    ask(db, key="k")
    assert retry(db, failed) is None


def test_failed_attempt_gives_way_to_the_same_asked_for_meanwhile(db, engine, executor):
    def run(context, **_):
        with open_session(engine, writes=True) as other, other.begin():
            enqueue(other, "test.work", key="k", run_at=utcnow() + timedelta(hours=1))
        raise OSError("no")

    number = ask(db, key="k")
    executor(run).run_due()
    assert job(db, number).state == "done"
    assert db.scalar(select(QueuedJob.state).where(QueuedJob.id != number)) == "waiting"


def test_each_is_done_once_by_many_processes_at_once(db, executor, done):
    numbers = [enqueue(db, "test.work", {"n": n}) for n in range(40)]
    db.commit()
    threads = [threading.Thread(target=executor().run_due) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one["n"] for one in done) == list(range(40))
    assert {job(db, number).attempts for number in numbers} == {1}


def test_what_recurs_fires_once_among_many_processes(db, executor, done):
    threads = [threading.Thread(target=executor(every=timedelta(hours=1)).run_due) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    executor(every=timedelta(hours=1)).run_due()
    assert len(done) == 1
    db.execute(update(JobSchedule).values(next_at=utcnow() - timedelta(seconds=1)))
    db.commit()
    executor(every=timedelta(hours=1)).run_due()
    assert len(done) == 2


def test_work_of_a_process_that_died_is_done_by_another(db, executor, done):
    number = ask(db)
    dead = executor()
    assert dead._take() is not None
    assert executor().run_due() == 0
    db.execute(update(QueuedJob).values(lease_until=utcnow() - timedelta(seconds=1)))
    db.commit()
    assert executor().run_due() == 1
    assert (job(db, number).state, job(db, number).attempts) == ("done", 2)


def test_work_that_kills_each_process_is_given_up(db, executor):
    number = ask(db)
    for _ in range(3):
        executor(attempts=3)._take()
        db.execute(update(QueuedJob).values(lease_until=utcnow() - timedelta(seconds=1)))
        db.commit()
    assert executor(attempts=3)._take() is None
    assert job(db, number).state == "failed"


def test_process_that_was_taken_for_dead_changes_nothing_any_more(db, executor, logs):
    number = ask(db)
    slow = executor()
    taken = slow._take()
    db.execute(update(QueuedJob).values(lease_until=utcnow() - timedelta(seconds=1)))
    db.commit()
    executor().run_due()
    slow._finish(taken, "failed", "too late")
    assert job(db, number).state == "done"
    assert any(entry["event"] == "jobs.taken_over" for entry in logs)


def test_work_is_done_as_who_asked_with_the_rights_of_that_moment(db, executor, make_user, make_space, session_of):
    anna = make_user("anna")
    make_space("geheim", access="hidden", members={anna: "member"})
    seen = []

    def run(context, **_):
        with context.session() as session:
            seen.append(session.scalars(select(Space.slug)).all())

    with session_of(anna) as asking:
        enqueue(asking, "test.work")
        asking.commit()
    executor(run).run_due()
    assert seen == [["geheim"]]
    with session_of(anna) as asking:
        number = enqueue(asking, "test.work")
        asking.commit()
    db.execute(update(User).where(User.id == anna.id).values(state="suspended"))
    db.commit()
    executor(run).run_due()
    assert len(seen) == 1
    assert job(db, number).state == "failed"
    assert "account" in job(db, number).error


def test_progress_is_seen_while_the_work_goes_on(db, engine, executor):
    seen = []

    def run(context, **_):
        context.progress(3, 10)
        with open_session(engine) as other:
            seen.append(other.execute(select(QueuedJob.progress_done, QueuedJob.progress_total)).one())
        with context.session() as session:
            session.execute(update(QueuedJob).values(error="holds the lock"))
            context.progress(4, 10)

    ask(db)
    assert executor(run).run_due() == 1
    assert [tuple(row) for row in seen] == [(3, 10)]


def test_way_around_the_guard_is_told_once_of_what_goes_on_by_itself_and_each_time_of_what_somebody_asked(
    db, engine, executor, make_user, logs, monkeypatch
):
    monkeypatch.setattr("plein.db.session._told", set())

    def run(context, **_):
        with db_unguarded(engine, reason="a test looks around"):
            pass

    asker = make_user("asker")
    for user_id in (None, None, asker.id, asker.id):
        ask(db, user_id=user_id)
        executor(run).run_due()

    told = [entry["log_level"] for entry in logs if entry["event"] == "db.unguarded"]
    assert told == ["info", "debug", "info", "info"]


def test_executor_does_what_is_stored_while_it_runs_and_stops(db, executor):
    did = threading.Event()
    running = executor(lambda context, **_: did.set())
    running.start()
    ask(db)
    assert did.wait(10)
    running.stop(10)
    assert not any(thread.name == "jobs" for thread in threading.enumerate())
    forget(db.get_bind().engine)


def test_old_work_is_thrown_away(db, engine, executor):
    old, new = ask(db), ask(db)
    executor().run_due()
    db.execute(update(QueuedJob).where(QueuedJob.id == old).values(finished_at=utcnow() - DONE_KEPT * 2))
    db.commit()
    executor(lambda context, **_: throw_away_old(context)).run_due()
    ask(db)
    executor(lambda context, **_: throw_away_old(context)).run_due()
    assert job(db, old) is None
    assert job(db, new) is not None


def test_list_is_paged_by_number_with_one_statement(db, count_statements):
    for _ in range(55):
        enqueue(db, "test.work")
    db.commit()
    with count_statements() as counted:
        rows, more = page(db)
    assert counted.total == 1
    assert (len(rows), more) == (50, rows[-1].id)
    assert len(page(db, "waiting", more)[0]) == 5
    assert page(db, "failed") == ([], None)
