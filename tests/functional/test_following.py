"""Following, and who is told what: by what they follow, how closely, and whether they may see it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from webtest import TestApp

from plein.content.models import Content
from plein.content.tag_models import Tag
from plein.events import emit
from plein.events.models import Event
from plein.inbox.models import Follow, Notification
from plein.jobs import enqueue
from plein.spaces.models import Membership

ORIGIN = "http://127.0.0.1:6543"


class Square:
    """A small organisation: anna writes in the closed space, ben reads there, cor is outside."""

    def __init__(self, db: Session, make_user: Any, make_space: Any, as_user: Any, run_jobs: Any) -> None:
        self.db, self.run_jobs = db, run_jobs
        self.people = {name: make_user(name, email=f"{name}@example.nl") for name in ("anna", "ben", "cor")}
        anna, ben = self.people["anna"], self.people["ben"]
        self.space = make_space("team", access="closed", members={anna: "manager", ben: "member"})
        self.open = make_space("plein", access="open", members={anna: "manager"})
        self.browsers = {name: as_user(user) for name, user in self.people.items()}

    def write(self, who: str, space: str, title: str, text: str = "Tekst.", **more: Any) -> Content:
        page = self.browsers[who].get(f"/spaces/{space}/wiki/-/new")
        form = next(form for form in page.forms.values() if "body" in form.fields)
        form["title"], form["body"] = title, text
        for name, value in more.items():
            form[name] = value
        assert form.submit().status_int == 303
        self.run_jobs()
        return self.item(title)

    def change(self, who: str, item: Content, text: str) -> None:
        page = self.browsers[who].get(f"/spaces/{item.space.slug}/wiki/{item.slug}/edit")
        form = next(form for form in page.forms.values() if "body" in form.fields)
        form["body"] = text
        assert form.submit().status_int == 303
        self.run_jobs()

    def item(self, title: str) -> Content:
        self.db.expire_all()
        found = self.db.scalars(select(Content).where(Content.title == title).options(joinedload(Content.space))).one()
        self.db.commit()
        self.db.expunge_all()
        return found

    def follow(self, who: str, kind: str, target: int, level: str = "all", status: int = 303) -> None:
        browser = self.browsers[who]
        fields = {"csrf_token": token_of(browser), "kind": kind, "id": str(target), "level": level, "next": "/people"}
        browser.post("/inbox/follow", fields, headers={"Origin": ORIGIN}, status=status)

    def told(self, who: str) -> list[tuple[str, str, int]]:
        """Kind, reason and how often, oldest first."""
        self.db.expire_all()
        rows = select(Notification).where(Notification.user_id == self.people[who].id).order_by(Notification.id)
        found = [(row.kind, row.reason, row.times) for row in self.db.scalars(rows)]
        self.db.commit()
        return found


def token_of(browser: TestApp) -> str:
    return str(browser.get("/me/preferences").html.select_one("meta[name=csrf-token]")["content"])


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


def test_what_is_asked_reaches_who_wants_silence_and_what_is_only_said_does_not(square: Square) -> None:
    square.follow("ben", "space", square.space.id, "quiet")
    item = square.write("anna", "team", "Stil")
    emit(square.db, "content.saved", content_id=item.id, addressed=[square.people["ben"].id])
    square.db.commit()
    square.run_jobs()
    assert square.told("ben") == []


def test_a_topic_that_is_followed_brings_what_is_new_about_it(square: Square) -> None:
    square.write("anna", "plein", "Eerste", tags="fietsen")
    tag = square.db.scalars(select(Tag)).one()
    square.db.commit()
    square.follow("cor", "tag", tag.id)
    square.write("anna", "plein", "Tweede", tags="fietsen")
    square.write("anna", "team", "Derde", tags="fietsen")
    assert square.told("cor") == [("content.published", "tag", 1)]
