"""What becomes of items: by hand and by itself, once whatever happens, and each step with who and why."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.audit.models import AuditEntry
from plein.content.life import due
from plein.content.life.service import LifeRefused, LifeService
from plein.content.models import Attachment, Content, Revision, Transition
from plein.content.services import ItemLocked
from plein.contributions import ContentChange
from plein.db import open_session, utcnow
from plein.events import Event
from plein.hookspecs import hookimpl
from plein.jobs import JobContext
from plein.jobs.context import parts_of
from plein.people.models import User
from plein.people.standing import viewer_for
from plein.spaces.models import Space

SOON = timedelta(hours=1)


class Seen:
    """A plugin that remembers what changed."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, int | None, bool]] = []

    @hookimpl
    def on_content_changed(self, db: Session, change: ContentChange) -> None:
        is_there = db.scalar(select(Content.id).where(Content.id == change.item.id)) is not None
        self.changes.append((change.action, change.actor.user_id, is_there))


@pytest.fixture
def writer(make_user: Callable[..., User]) -> User:
    return make_user("writer")


@pytest.fixture
def space(make_space: Callable[..., Space], writer: User) -> Space:
    return make_space("handbook", members={writer: "editor"})


@pytest.fixture
def parts(app: TestApp) -> Any:
    return parts_of(app.app.registry)


@pytest.fixture
def life(parts: Any, session_of: Callable[..., Session], viewer_of: Callable, writer: User) -> LifeService:
    kind = parts.plugins.content_types["wiki.page"]
    return LifeService(kind.service(db=session_of(writer), viewer=viewer_of(writer), type=kind, plugins=parts.plugins))


@pytest.fixture
def job(parts: Any) -> JobContext:
    return JobContext(parts, viewer_for, 0, None)


def write(life: LifeService, space: Space, title: str = "Agenda", **more: Any) -> Content:
    here = life.db.get(Space, space.id)
    assert here is not None
    item = life.service.create(here, title=title, body="Text.", **more)
    life.db.commit()
    return item


def seen(db: Session, item: Content) -> Content:
    """*item* as it is stored, read in a transaction that is over then: SQLite has one at a time."""
    db.rollback()
    found = db.scalars(select(Content).where(Content.id == item.id)).one()
    db.expunge_all()
    db.rollback()
    return found


def steps(db: Session, item: Content) -> list[tuple[str, int | None, str]]:
    rows = select(Transition.action, Transition.actor_id, Transition.reason).where(Transition.content_id == item.id)
    found = [tuple(row) for row in db.execute(rows.order_by(Transition.id))]
    db.rollback()
    return found


def test_every_step_of_a_life_is_kept_with_who_and_why(
    life: LifeService, space: Space, db: Session, writer: User
) -> None:
    item = write(life, space, state="draft")
    life.schedule(item, utcnow() + SOON)
    life.publish(item)
    life.archive(item, "superseded")
    life.unarchive(item)
    life.lock(item, "the law says so")
    life.service.unlocks = True
    life.unlock(item)
    life.unpublish(item, "too early")
    life.db.commit()
    assert steps(db, item) == [
        ("scheduled", writer.id, ""),
        ("published", writer.id, ""),
        ("archived", writer.id, "superseded"),
        ("unarchived", writer.id, ""),
        ("locked", writer.id, "the law says so"),
        ("unlocked", writer.id, ""),
        ("unpublished", writer.id, "too early"),
    ]
    stored = seen(db, item)
    assert (stored.state, stored.publish_at, stored.locked) == ("draft", None, False)
    assert stored.published_at is not None


def test_a_step_that_changes_nothing_is_none(life: LifeService, space: Space, db: Session) -> None:
    item = write(life, space)
    assert not life.publish(item) and not life.unarchive(item)
    life.unlock(item)
    life.set_expiry(item, None)
    life.db.commit()
    assert steps(db, item) == []


def test_moments_that_make_no_sense_are_refused(life: LifeService, space: Space) -> None:
    now, item = utcnow(), write(life, space, state="draft")
    with pytest.raises(LifeRefused, match="moment has passed"):
        life.schedule(item, now - SOON)
    with pytest.raises(LifeRefused, match="moment has passed"):
        life.set_expiry(item, now - SOON)
    life.schedule(item, now + 2 * SOON)
    with pytest.raises(LifeRefused, match="before it appears"):
        life.set_expiry(item, now + SOON)
    life.publish(item)
    with pytest.raises(LifeRefused, match="published already"):
        life.schedule(item, now + SOON)


def test_locked_item_is_changed_by_nobody_who_may_not_lock(life: LifeService, space: Space) -> None:
    item = write(life, space)
    life.lock(item)
    text = {"base_version": 1, "title": "Agenda", "body": "Other."}
    steps: Sequence[Callable[[], Any]] = (
        lambda: life.service.save(item, **text),
        lambda: life.service.restore(item, 1),
        lambda: life.service.trash(item),
        lambda: life.archive(item),
        lambda: life.unlock(item),
    )
    for step in steps:
        with pytest.raises(ItemLocked):
            step()
    life.service.unlocks = True
    assert life.service.save(item, **text).kind == "saved"


def test_a_copy_is_a_draft_of_whoever_copies_with_the_same_files(
    life: LifeService, space: Space, make_space: Callable, writer: User, db: Session
) -> None:
    other = make_space("annex", members={writer: "editor"})
    item = write(life, space, tags=["one"])
    db.add(Attachment(content_id=item.id, name="a.txt", media_type="text/plain", size=1, digest="a" * 64))
    db.commit()
    target = life.db.get(Space, other.id)
    assert target is not None
    copy = life.copy(item, target, "Agenda of the annex")
    life.db.commit()
    stored = seen(db, copy)
    assert (stored.state, stored.space_id, stored.author_id, stored.tags) == ("draft", other.id, writer.id, ["one"])
    files = db.execute(select(Attachment.uid, Attachment.digest).order_by(Attachment.id)).all()
    assert [file.digest for file in files] == ["a" * 64] * 2 and files[0].uid != files[1].uid
    assert steps(db, copy) == [("copied", writer.id, "")]


def test_a_thousand_items_of_one_minute_appear_once_with_two_workers(
    life: LifeService, space: Space, db: Session, writer: User, job: JobContext
) -> None:
    item = write(life, space)
    moment = utcnow() - timedelta(seconds=1)
    _multiply(db, item, 1000, state="scheduled", publish_at=moment, published_at=None)
    spy = Seen()
    job.site.plugins.add_core("spy", spy)
    workers = [threading.Thread(target=due.run_due, args=(job,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    db.rollback()
    assert db.scalar(select(func.count(Content.id)).where(Content.state == "published")) == 1001
    appeared = select(func.count(Transition.id)).where(Transition.action == "published")
    assert db.scalar(appeared) == 1000
    assert db.scalar(select(func.count(Event.id)).where(Event.kind == "content.published")) == 1001
    assert [one[0] for one in spy.changes] == ["published"] * 1000


def _multiply(db: Session, item: Content, number: int, **values: Any) -> None:
    """Rows like *item*, quicker than writing them one by one."""
    table, own = Content.__table__, type(item).__table__
    row = dict(db.execute(select(table).where(table.c.id == item.id)).one()._mapping)
    del row["id"]
    rows = [row | values | {"uid": f"many-{n}", "slug": f"many-{n}", "title": f"Many {n}"} for n in range(number)]
    ids = db.execute(insert(table).returning(table.c.id), rows).scalars().all()
    db.execute(insert(own), [{"id": one, "position": 0} for one in ids])
    db.commit()


def test_what_a_dying_worker_left_is_done_the_next_minute(
    life: LifeService, space: Space, db: Session, job: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [write(life, space, f"Item {n}", state="draft") for n in range(3)]
    db.execute(update(Content).values(state="scheduled", publish_at=utcnow() - SOON))
    db.commit()
    publish, done = due._publish, []

    def die(session: Session, context: JobContext, item: Content) -> None:
        publish(session, context, item)
        done.append(item.id)
        if len(done) == 2:
            # As a killed process: nothing after this line, not even what catches errors.
            raise KeyboardInterrupt

    monkeypatch.setattr(due, "_publish", die)
    with pytest.raises(KeyboardInterrupt):
        due.run_due(job)
    assert [seen(db, item).state for item in items] == ["published", "scheduled", "scheduled"]
    monkeypatch.setattr(due, "_publish", publish)
    due.run_due(job)
    due.run_due(job)
    assert [seen(db, item).state for item in items] == ["published"] * 3
    assert [len(steps(db, item)) for item in items] == [1, 1, 1]


def test_an_item_that_fails_keeps_no_other_waiting(
    life: LifeService, space: Space, db: Session, job: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (write(life, space, f"Item {n}", state="draft") for n in range(2))
    db.execute(update(Content).values(state="scheduled", publish_at=utcnow() - SOON))
    db.commit()
    publish = due._publish

    def fail(session: Session, context: JobContext, item: Content) -> None:
        publish(session, context, item)
        if item.id == first.id:
            raise OSError("the disk is full")

    monkeypatch.setattr(due, "_publish", fail)
    due.run_due(job)
    assert (seen(db, first).state, seen(db, second).state) == ("scheduled", "published")


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_what_is_held_for_a_moment_appears_all_the_same(
    life: LifeService, space: Space, db: Session, engine: Engine, job: JobContext
) -> None:
    items = [write(life, space, f"Item {n}", state="draft") for n in range(3)]
    db.execute(update(Content).values(state="scheduled", publish_at=utcnow() - SOON))
    db.commit()
    with open_session(engine, writes=True) as index, index.begin():
        index.execute(select(Content.__table__.c.id).where(Content.__table__.c.id <= items[1].id).with_for_update())
        worker = threading.Thread(target=due.run_due, args=(job,))
        worker.start()
        worker.join(0.5)
        assert [seen(db, item).state for item in items] == ["scheduled", "scheduled", "published"]
        assert worker.is_alive()
    worker.join()
    assert [seen(db, item).state for item in items] == ["published"] * 3


def test_an_item_that_ended_is_archived_by_nobody_and_comes_back_for_good(
    life: LifeService, space: Space, db: Session, job: JobContext, writer: User
) -> None:
    item = write(life, space)
    db.execute(update(Content).values(expires_at=utcnow() - SOON))
    db.commit()
    due.run_due(job)
    assert seen(db, item).state == "archived"
    assert steps(db, item) == [("archived", None, "")]
    life.unarchive(item)
    life.db.commit()
    due.run_due(job)
    assert (seen(db, item).state, seen(db, item).expires_at) == ("published", None)


def test_what_was_thrown_away_does_not_appear_nor_the_moment_it_is_put_back(
    life: LifeService, space: Space, db: Session, job: JobContext
) -> None:
    item = write(life, space, state="draft")
    life.schedule(item, utcnow() + SOON)
    life.service.trash(item)
    life.db.commit()
    db.execute(update(Content).values(publish_at=utcnow() - SOON))
    db.commit()
    due.run_due(job)
    assert seen(db, item).state == "trashed"
    life.db.expire_all()
    life.service.untrash(item)
    life.db.commit()
    due.run_due(job)
    assert (seen(db, item).state, seen(db, item).publish_at) == ("draft", None)


def test_nothing_happens_by_itself_in_an_archived_space(
    life: LifeService, space: Space, db: Session, job: JobContext
) -> None:
    item = write(life, space, state="draft")
    db.execute(update(Content).values(state="scheduled", publish_at=utcnow() - SOON))
    db.execute(update(Space).values(archived_at=utcnow()))
    db.commit()
    due.run_due(job)
    assert seen(db, item).state == "scheduled"


def test_old_trash_goes_for_good_and_young_trash_stays(
    life: LifeService, space: Space, db: Session, job: JobContext
) -> None:
    old, young = write(life, space, "Old"), write(life, space, "Young")
    life.service.trash(old)
    life.service.trash(young)
    life.db.commit()
    number = old.id
    db.execute(update(Content).where(Content.id == number).values(trashed_at=utcnow() - timedelta(days=31)))
    db.commit()
    spy = Seen()
    job.site.plugins.add_core("spy", spy)
    due.run_purge(job)
    due.run_purge(job)
    db.rollback()
    assert db.scalars(select(Content.title)).all() == ["Young"]
    # Whoever keeps something of it hears of it while it can still be looked at.
    assert spy.changes == [("deleted", None, True)]
    assert db.scalar(select(func.count(Revision.id)).where(Revision.content_id == number)) == 0
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "content.deleted")).one()
    assert entry.details["title"] == "Old"


def test_what_is_put_back_at_the_moment_of_deleting_stays(
    life: LifeService, space: Space, db: Session, job: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = write(life, space)
    life.service.trash(item)
    life.db.commit()
    db.execute(update(Content).values(trashed_at=utcnow() - timedelta(days=31)))
    db.commit()
    find = due._found

    def put_back_meanwhile(*arguments: Any) -> Any:
        found = list(find(*arguments))
        life.service.untrash(item)
        life.db.commit()
        return found

    monkeypatch.setattr(due, "_found", put_back_meanwhile)
    due.run_purge(job)
    assert seen(db, item).state == "published"
    with pytest.raises(LifeRefused, match="put this back"):
        life.purge(item)


def test_trash_is_kept_for_always_where_the_setting_says_so(
    settings_values: dict[str, str], request: pytest.FixtureRequest, space: Space, db: Session
) -> None:
    settings_values["plein.trash_days"] = "0"
    life, job = request.getfixturevalue("life"), request.getfixturevalue("job")
    item = write(life, space)
    life.service.trash(item)
    life.db.commit()
    db.execute(update(Content).values(trashed_at=utcnow() - timedelta(days=4000)))
    db.commit()
    due.run_purge(job)
    assert seen(db, item).state == "trashed"
