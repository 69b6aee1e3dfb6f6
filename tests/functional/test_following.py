"""Following, and who is told what: by what they follow, how closely, and whether they may see it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from square import Square
from webtest import TestApp

from plein.content.tag_models import Tag
from plein.contributions import NotificationType
from plein.events.models import Event
from plein.inbox.models import Follow
from plein.jobs import enqueue
from plein.spaces.models import Membership


@pytest.fixture
def square(
    db: Session,
    make_user: Callable[..., Any],
    make_space: Callable[..., Any],
    as_user: Callable[..., TestApp],
    run_jobs: Callable[[], int],
) -> Square:
    return Square(db, make_user, make_space, as_user, run_jobs)


def test_members_hear_of_what_is_new_and_others_do_not(square: Square) -> None:
    square.write("anna", "team", "Verlof")
    assert square.told("ben") == [("content.published", "member", 1)]
    assert square.told("anna") == square.told("cor") == []


def test_changes_reach_followers_and_become_one_while_unread(square: Square) -> None:
    item = square.write("anna", "plein", "Beleid")
    square.follow("cor", "item", item.id)
    for number in range(3):
        square.change("anna", item, f"Versie {number}.")
    assert square.told("cor") == [("content.saved", "item", 3)]
    assert square.told("ben") == []


def test_who_lost_the_space_is_not_told_although_they_follow(square: Square) -> None:
    item = square.write("anna", "team", "Geheim")
    square.follow("ben", "item", item.id)
    square.db.delete(square.db.get(Membership, (square.space.id, square.people["ben"].id)))
    square.db.commit()
    before = square.told("ben")
    square.change("anna", item, "Nog geheimer.")
    assert square.told("ben") == before


def test_nobody_follows_what_they_may_not_see(square: Square) -> None:
    item = square.write("anna", "team", "Geheim")
    square.follow("cor", "item", item.id, status=404)
    square.follow("cor", "tag", 999, status=404)
    square.follow("cor", "user", square.people["cor"].id, status=404)
    square.follow("cor", "item", item.id, level="", status=303)
    square.db.commit()
    assert square.db.scalars(select(Follow)).all() == []


@pytest.mark.parametrize(
    ("level", "new", "changed"), [("all", True, True), ("following", True, False), ("quiet", False, False)]
)
def test_a_level_says_what_of_a_space_is_told(square: Square, level: str, new: bool, changed: bool) -> None:
    square.follow("cor", "space", square.open.id, level)
    item = square.write("anna", "plein", "Nieuws")
    square.change("anna", item, "Meer nieuws.")
    kinds = [kind for kind, _reason, _times in square.told("cor")]
    assert kinds == ["content.published"] * new + ["content.saved"] * changed


def test_an_author_hears_of_changes_by_others_and_who_changed_follows_from_then_on(square: Square) -> None:
    item = square.write("anna", "team", "Samen")
    square.change("ben", item, "Van Ben.")
    assert square.told("anna") == [("content.saved", "author", 1)]
    square.change("anna", item, "Van Anna.")
    assert ("content.saved", "writer", 1) in square.told("ben")


def test_a_person_who_is_followed_is_told_of_where_the_follower_may_look(square: Square) -> None:
    square.follow("cor", "user", square.people["anna"].id)
    square.write("anna", "team", "Binnen")
    square.write("anna", "plein", "Buiten")
    assert square.told("cor") == [("content.published", "person", 1)]


def test_an_event_is_told_once_however_often_it_is_delivered(square: Square) -> None:
    item = square.write("anna", "plein", "Beleid")
    square.follow("cor", "item", item.id)
    square.change("anna", item, "Anders.")
    event = square.db.scalars(select(Event).where(Event.kind == "content.saved")).one()
    enqueue(square.db, "inbox.deliver", {"event": event.id}, user_id=None)
    square.db.commit()
    square.run_jobs()
    assert square.told("cor") == [("content.saved", "item", 1)]


ASKS = NotificationType(
    "asking.review", "You are asked to look", "${actor} asks you to look at ${title}", why="You are asked", asks=True
)


def test_what_is_asked_reaches_who_wants_silence_and_what_is_only_said_does_not(square: Square) -> None:
    square.browsers["ben"].app.registry["plein.plugins"].notifications[ASKS.name] = ASKS
    square.follow("ben", "space", square.space.id, "quiet")
    item = square.write("anna", "team", "Stil")
    square.emit("content.saved", content_id=item.id, addressed=[square.people["ben"].id])
    assert square.told("ben") == []
    square.emit("asking.review", content_id=item.id, addressed=[square.people["ben"].id])
    assert square.told("ben") == [("asking.review", "addressed", 1)]


def test_a_topic_that_is_followed_brings_what_is_new_about_it(square: Square) -> None:
    square.write("anna", "plein", "Eerste", tags="fietsen")
    tag = square.db.scalars(select(Tag)).one()
    square.db.commit()
    square.follow("cor", "tag", tag.id)
    square.write("anna", "plein", "Tweede", tags="fietsen")
    square.write("anna", "team", "Derde", tags="fietsen")
    assert square.told("cor") == [("content.published", "tag", 1)]


def test_a_manager_hears_of_who_asks_to_join_and_who_asked_of_the_answer(square: Square) -> None:
    square.post("cor", "/spaces/team/-/join", note="Please")
    square.run_jobs()
    assert square.told("anna") == [("space.asked_in", "addressed", 1)]
    link = square.browsers["anna"].get("/inbox").html.select_one(".told a")
    assert (link.get_text(), link["href"]) == ("Cor asks to join Team", "/spaces/team/-/members")
    square.post("anna", f"/spaces/team/-/members/{square.people['cor'].id}/approve")
    square.run_jobs()
    assert square.told("cor") == [("space.let_in", "addressed", 1)]
