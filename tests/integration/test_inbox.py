"""Telling people: once whatever happens, many at a time, types of plugins too, and forgetting."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session
from square import Square
from webtest import TestApp

from plein.content.services import ContentService
from plein.contributions import ErasedPerson, NotificationType
from plein.db import utcnow
from plein.events import emit
from plein.events.models import Event
from plein.inbox import delivering
from plein.inbox.delivering import deliver
from plein.inbox.models import Follow, Notification
from plein.inbox.personal import forget_followed
from plein.inbox.tidying import tidy
from plein.jobs.context import JobContext, parts_of
from plein.jobs.models import QueuedJob
from plein.people.models import User
from plein.people.standing import viewer_for
from plein.spaces.models import Space

#: What a plugin declares, and all that it has to write beside ``emit``.
SPLIT = NotificationType(
    "fake.split",
    "A page is split",
    "${actor} split ${title} in ${parts}",
    goes_to="followers",
    several="${title} was split ${n} times",
)


@pytest.fixture
def square(
    db: Session,
    make_user: Callable[..., Any],
    make_space: Callable[..., Any],
    as_user: Callable[..., TestApp],
    run_jobs: Callable[[], int],
) -> Square:
    return Square(db, make_user, make_space, as_user, run_jobs)


def context_of(square: Square) -> JobContext:
    return JobContext(parts_of(square.browsers["anna"].app.registry), viewer_for, 0, None)


def written(square: Square, **values: Any) -> int:
    """An event that is written down and not delivered yet."""
    emit(square.db, **values)
    square.db.execute(update(QueuedJob).values(state="done"))
    number = square.db.scalars(select(func.max(Event.id))).one()
    square.db.commit()
    return int(number)


def test_a_type_of_a_plugin_gets_followers_rights_inbox_and_preferences(square: Square) -> None:
    square.browsers["anna"].app.registry["plein.plugins"].notifications[SPLIT.name] = SPLIT
    item = square.write("anna", "team", "Lang")
    square.follow("ben", "item", item.id)
    actor = square.people["anna"].id
    square.emit(
        SPLIT.name, actor_id=actor, content_id=item.id, addressed=[square.people["cor"].id], details={"parts": 3}
    )
    inbox = square.browsers["ben"].get("/inbox")
    assert "Anna split Lang in 3" in inbox.text
    assert square.told("cor") == square.told("anna") == []
    square.emit(SPLIT.name, actor_id=actor, content_id=item.id, details={"parts": "<b>4</b>"})
    assert "Lang was split 2 times" in square.browsers["ben"].get("/inbox").text
    assert "A page is split" in square.browsers["ben"].get("/me/notifications").text


def test_details_cannot_stand_for_who_did_it_nor_lead_elsewhere(square: Square) -> None:
    square.browsers["anna"].app.registry["plein.plugins"].notifications[SPLIT.name] = SPLIT
    item = square.write("anna", "team", "Lang")
    square.follow("ben", "item", item.id)
    details = {"actor": "Beheerder", "title": "Loon", "path": "//evil.example/x", "parts": "<script>"}
    square.emit(SPLIT.name, actor_id=square.people["anna"].id, content_id=item.id, details=details)
    link = square.browsers["ben"].get("/inbox").html.select_one(".told a")
    assert link.get_text() == "Anna split Lang in <script>"
    assert link["href"] == "/spaces/team/wiki/lang"


def test_two_workers_that_deliver_the_same_event_tell_everybody_once(
    square: Square, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "BATCH", 3)
    item = square.write("anna", "plein", "Beleid")
    people = [User(uid=f"many-{n}", login=f"many-{n}", name=f"Many {n}") for n in range(10)]
    square.db.add_all(people)
    square.db.flush()
    square.db.add_all(Follow(user_id=one.id, kind="item", target_id=item.id) for one in people)
    number = written(square, kind="content.saved", content_id=item.id)
    context = context_of(square)
    workers = [threading.Thread(target=deliver, args=(context, number)) for _each in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    told = select(Notification.user_id, Notification.times).where(Notification.kind == "content.saved")
    rows = square.db.execute(told).all()
    assert sorted(row.times for row in rows) == [1] * (len(people) + 1)
    assert len({row.user_id for row in rows}) == len(people) + 1


def test_who_was_told_before_a_process_died_is_not_told_again(square: Square, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "BATCH", 1)
    item = square.write("anna", "plein", "Beleid")
    square.follow("ben", "item", item.id)
    square.follow("cor", "item", item.id)
    number = written(square, kind="content.saved", content_id=item.id, actor_id=square.people["anna"].id)
    context = context_of(square)
    assert delivering._deliver_batch(context, number)
    told = square.told("ben") + square.told("cor")
    assert [kind for kind, _reason, _times in told].count("content.saved") == 1
    deliver(context, number)
    for who in ("ben", "cor"):
        assert ("content.saved", "item", 1) in square.told(who)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_five_thousand_followers_are_told_in_batches(
    square: Square, record_property: Any, count_statements: Any
) -> None:
    item = square.write("anna", "plein", "Iedereen")
    rows = [{"uid": f"f{n}", "login": f"f{n}", "name": f"F {n}", "sort_name": f"f {n}"} for n in range(5000)]
    square.db.execute(insert(User), rows)
    ids = square.db.scalars(select(User.id).where(User.uid.like("f%"))).all()
    square.db.execute(insert(Follow), [{"user_id": one, "kind": "item", "target_id": item.id} for one in ids])
    number = written(square, kind="content.saved", content_id=item.id, actor_id=square.people["anna"].id)
    with count_statements() as counted:
        deliver(context_of(square), number)
    assert square.db.scalar(select(func.count()).select_from(Notification)) >= 5000
    assert counted.total <= 14 * (5000 // delivering.BATCH + 1)


def test_what_was_read_long_ago_is_forgotten_and_so_is_what_follows_nothing(square: Square) -> None:
    item = square.write("anna", "team", "Oud")
    square.follow("ben", "item", item.id)
    square.db.add(Follow(user_id=square.people["ben"].id, kind="tag", target_id=4711))
    square.db.commit()
    tidy(context_of(square))
    assert len(square.rows("ben")) == 1
    square.db.execute(update(Notification).values(read_at=utcnow() - timedelta(days=91)))
    square.db.execute(update(Event).values(created_at=utcnow() - timedelta(days=31)))
    square.db.commit()
    tidy(context_of(square))
    assert square.rows("ben") == []
    assert square.db.scalars(select(Event)).all() == []
    assert [row.kind for row in square.db.scalars(select(Follow))] == ["item"]


def test_nobody_follows_who_was_erased(square: Square) -> None:
    anna = square.people["anna"]
    square.follow("cor", "user", anna.id)
    square.write("anna", "plein", "Beleid")
    forget_followed(square.db, ErasedPerson(anna.id, "anna", "Anna", "anna@example.nl", "gewist-1"))
    square.db.commit()
    assert square.db.scalars(select(Follow).where(Follow.kind == "user")).all() == []
    assert square.db.scalars(select(Event.actor_id)).all() == [None]


def test_what_is_brought_in_is_told_to_nobody(square: Square, viewer_of: Callable[..., Any]) -> None:
    plugins = square.browsers["anna"].app.registry["plein.plugins"]
    service = ContentService(square.db, viewer_of(square.people["anna"]), plugins.content_types["wiki.page"], plugins)
    service.create(square.db.get_one(Space, square.space.id), title="Van elders", kind="import")
    square.db.commit()
    assert square.db.scalars(select(Event)).all() == []
