"""How often items are read: counted beside the pages, never by whom, and summed up by a job."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from plein_wiki.models import WikiPage
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from plein.content.freshness import reads
from plein.content.freshness.models import ContentReads
from plein.content.freshness.reads import KEPT_DAYS, ReadCounter, shown
from plein.content.models import Content
from plein.db import utcnow
from plein.jobs.context import JobContext, parts_of
from plein.people.models import User
from plein.people.standing import viewer_for
from plein.spaces.models import Space


def add_item(db: Session, space: Space, slug: str, **values: Any) -> Content:
    item = WikiPage(type="wiki.page", space_id=space.id, title=slug, sort_title=slug, slug=slug, **values)
    db.add(item)
    db.commit()
    return item


@pytest.fixture
def run_job(app: Any) -> Callable[[str], None]:
    parts = parts_of(app.app.registry)
    return lambda name: parts.plugins.jobs[name].run(JobContext(parts, viewer_for, 1, None))


@pytest.fixture
def item(db: Session, make_space: Callable[..., Space]) -> Content:
    return add_item(db, make_space("handbook"), "subject")


def stored(db: Session) -> dict[tuple[int, date], int]:
    db.rollback()
    rows = db.execute(select(ContentReads.content_id, ContentReads.day, ContentReads.count))
    return {(content_id, day): count for content_id, day, count in rows}


def test_a_session_reads_an_item_once_an_hour(engine: Engine, db: Session, item: Content) -> None:
    moment = [datetime(2026, 3, 4, 10, 59, tzinfo=UTC)]
    counter = ReadCounter(engine, clock=lambda: moment[0])
    assert counter.count(item.id, 1) and not counter.count(item.id, 1) and counter.count(item.id, 2)
    moment[0] += timedelta(minutes=2)
    assert counter.count(item.id, 1)
    number, day = item.id, date(2026, 3, 4)
    db.rollback()
    counter.flush()
    assert stored(db) == {(number, day): 3}


def test_two_processes_add_up_and_items_that_are_gone_are_passed_over(
    engine: Engine, db: Session, item: Content
) -> None:
    number = item.id
    db.rollback()
    for session in (1, 2):
        counter = ReadCounter(engine)
        counter.count(number, session)
        counter.count(999, session)
        assert counter.flush() == 1 and counter.flush() == 0
    assert list(stored(db).values()) == [2]


def test_what_cannot_be_written_now_is_written_later(
    engine: Engine, db: Session, item: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = item.id
    db.rollback()
    counter = ReadCounter(engine)
    counter.count(number, 1)
    with monkeypatch.context() as patched:
        patched.setattr(reads, "aside", busy)
        assert counter.flush() == 0
    counter.count(number, 2)
    assert counter.flush() == 1 and list(stored(db).values()) == [2]


def busy(*_arguments: Any, **_options: Any) -> Any:
    raise OperationalError("UPDATE", {}, Exception("database is locked"))


def test_who_read_is_nowhere(engine: Engine, item: Content) -> None:
    """The marks of an hour cannot be made again without its salt, which goes with the hour."""
    moment = [datetime(2026, 3, 4, 10, 0, tzinfo=UTC)]
    counter = ReadCounter(engine, clock=lambda: moment[0])
    counter.count(1, 7)
    first, salt = set(counter._seen), counter._salt
    moment[0] += timedelta(hours=1)
    counter.count(1, 7)
    assert counter._salt != salt and not first & counter._seen
    assert set(ContentReads.__mapper__.columns.keys()) == {"content_id", "day", "count"}


def test_the_job_sums_up_ninety_days_and_throws_older_ones_away(
    db: Session, item: Content, app: Any, run_job: Callable[[str], None]
) -> None:
    today = utcnow().date()
    for days, count in ((0, 2), (KEPT_DAYS - 1, 3), (KEPT_DAYS, 50)):
        db.add(ContentReads(content_id=item.id, day=today - timedelta(days=days), count=count))
    quiet = add_item(db, db.get_one(Space, item.space_id), "quiet", popularity=9)
    before = item.updated_at
    db.rollback()
    for _again in range(2):
        run_job("freshness.popularity")
        db.refresh(item)
        db.refresh(quiet)
        assert (item.popularity, quiet.popularity, item.updated_at) == (5, 0, before)
        assert len(stored(db)) == 2
        db.rollback()


def test_few_reads_are_not_told_and_more_are_told_by_tens() -> None:
    assert [str(shown(number).interpolate()) for number in (0, 9, 10, 27)] == [
        "fewer than 10", "fewer than 10", "at least 10", "at least 20",
    ]  # fmt: skip


def test_reading_costs_no_statement_and_counts_no_writer(
    app: Any, db: Session, make_user: Callable[..., User], make_space: Callable[..., Space], as_user: Callable[..., Any]
) -> None:
    writer, reader = make_user("writer"), make_user("reader")
    space = make_space("garden", members={writer: "editor", reader: "reader"})
    page = WikiPage(
        type="wiki.page", space_id=space.id, title="A", sort_title="a", slug="a", author_id=writer.id, html="<p>x</p>"
    )
    db.add(page)
    db.commit()
    counter = app.app.registry["plein.reads"]
    address = "/spaces/garden/wiki/a"
    as_user(writer).get(address)
    browser = as_user(reader)
    browser.get(address, headers={"Sec-Purpose": "prefetch"})
    browser.get(address, headers={"User-Agent": "Searchbot/2"})
    browser.head(address)
    assert counter._waiting == {}
    browser.get(address)
    browser.get(address)
    assert list(counter._waiting.values()) == [1]
    number = page.id
    db.rollback()
    assert counter.flush() == 1 and list(stored(db)) == [(number, utcnow().date())]
    assert reads.FLUSH_SECONDS >= 2
