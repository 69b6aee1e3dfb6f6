"""What is counted about a function: whom it reaches is whom the ladder lets have it, and what a step would change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.content.models import Content, ContentLink, DormantContent
from plein.contributions import SignInMethod
from plein.db import db_unguarded, utcnow
from plein.inbox.models import Notification
from plein.jobs.models import QueuedJob
from plein.ladder import Ladder
from plein.ladder.changing import Decision, choose, decide
from plein.ladder.keeping import read_rungs, types_of
from plein.ladder.models import RolloutStep
from plein.ladder.reach import Reach
from plein.people.models import Group, User
from plein.people.standing import is_active, viewer_for
from plein.rollout.impact import Impact, impact
from plein.rollout.measures import WEEKS, first_days
from plein.rollout.reaching import reaches, rung_of
from plein.security import stamps
from plein.spaces.models import GroupMembership, Space

END = date(2090, 1, 1)


@pytest.fixture
def people(make_user: Callable[..., User]) -> dict[str, User]:
    names = ("anna", "bert", "carl", "dora")
    return {name: make_user(name) for name in names} | {
        "gast": make_user("gast", kind="guest"),
        "gone": make_user("gone", state="suspended"),
        "admin": make_user("admin", is_admin=True),
    }


@pytest.fixture
def group(make_group: Callable[..., Group], people: dict[str, User]) -> Group:
    """Carl, a guest who counts for nothing in it, and somebody who left."""
    return make_group("pilot", "Pilot", *(people[name] for name in ("carl", "gast", "gone")))


@pytest.fixture
def spaces(make_space: Callable[..., Space], people: dict[str, User], group: Group, db: Session) -> dict[str, Space]:
    """The board is for Carl too, by his group."""
    found = {
        "handbook": make_space(
            "handbook", access="open", members={people["anna"]: "manager", people["gast"]: "reader"}
        ),
        "board": make_space("board", access="hidden", members={people["bert"]: "manager", people["dora"]: "asked"}),
    }
    db.add(GroupMembership(space_id=found["board"].id, group_id=group.id, role="reader"))
    db.commit()
    return found


def test_reached_is_who_has_it_outside_of_spaces(app, engine: Engine, people, spaces, group, db) -> None:
    first, second = spaces["handbook"].id, spaces["board"].id
    choose(db, "wiki", second, True, user_id=None)
    choose(db, "wiki", first, False, user_id=None)
    plugins = app.app.registry["plein.plugins"]
    for decided in (
        Decision("off"),
        Decision("pilot", group_ids=(group.id,), ends_on=END),
        Decision("pilot", space_ids=(first,), ends_on=END),
        Decision("pilot", group_ids=(group.id,), space_ids=(first, second), ends_on=END),
        Decision("opt_in"),
        Decision("on"),
        Decision("required"),
        Decision("retiring", reach="opt_in", ends_on=END),
    ):
        decide(db, "wiki", decided)
        db.commit()
        with db_unguarded(engine, reason="a test counts whom a function reaches") as session:
            ladder = Ladder(0, read_rungs(session, plugins, "on"), types_of(plugins))
            rung = ladder.rungs["wiki"]
            assert rung_of(decided, rung) == rung
            counted = set(session.scalars(select(User.login).where(is_active(User), reaches(rung))))
            viewers = [replace(viewer_for(session, one.id), ladder=ladder) for one in people.values()]
            reach = {viewer.user_id: Reach(viewer, lambda: session) for viewer in viewers if viewer.is_signed_in}
            has = {one.login for one in people.values() if one.id in reach and reach[one.id].has("wiki")}
        assert counted == has, decided


@pytest.fixture
def ask(app: TestApp, engine: Engine) -> Callable[[Decision], Impact]:
    plugins = app.app.registry["plein.plugins"]
    return lambda wanted: impact(engine, plugins, "on", "wiki", wanted)


def test_impact_counts_all_that_hangs_on_it_in_few_statements(
    ask, people, spaces, group, engine, as_user, count_statements
) -> None:
    anna = as_user(people["anna"])
    form = next(f for f in anna.get("/spaces/handbook/wiki/-/new").forms.values() if "body" in f.fields)
    form["title"], form["body"] = "Fire", "What to do."
    form.submit(status=303)
    with db_unguarded(engine, reason="a test puts something beside a page", writes=True) as session:
        item = session.scalars(select(Content)).one()
        other = DormantContent(
            type="other.thing", space_id=item.space_id, title="Other", sort_title="other", slug="other", body=""
        )
        session.add(other)
        session.flush()
        for kind in ("link", "embed"):
            session.add(
                ContentLink(
                    content_id=other.id,
                    kind=kind,
                    target_space="handbook",
                    target_type="wiki.page",
                    target_slug="fire",
                    target_title="",
                )
            )
        told = {"user_id": people["anna"].id, "reason": "item", "content_id": item.id}
        session.add(Notification(kind="content.saved", group_key="one", **told))
        session.add(Notification(kind="content.saved", group_key="two", read_at=utcnow(), **told))
        session.add(QueuedJob(name="wiki.test", arguments={}))
    with count_statements() as counted:
        found = ask(Decision("pilot", group_ids=(group.id,), ends_on=END))
    assert counted.total <= 15, str(counted)
    assert (found.people, found.people_after, found.gain, found.lose) == (6, 1, 0, 5)
    assert (found.spaces, found.spaces_after) == (2, 0)
    assert (found.items, found.items_after, found.kept) == (1, 1, 1)
    assert (found.links, found.embeds, found.notifications, found.waiting) == (1, 1, 1, 1)
    found = ask(Decision("pilot", space_ids=(spaces["board"].id,), ends_on=END))
    assert (found.items_after, found.spaces_after, found.people_after) == (0, 1, 2)
    assert ask(Decision("off")).people_after == ask(Decision("off")).items_after == 0


def test_weeks_begin_on_mondays_and_are_never_too_many() -> None:
    thursday = date(2026, 11, 26)
    assert first_days(thursday, thursday) == [date(2026, 11, 23)]
    assert first_days(thursday - timedelta(days=10), thursday) == [date(2026, 11, 16), date(2026, 11, 23)]
    assert len(first_days(date(2020, 1, 1), thursday)) == WEEKS
    assert first_days(date(2027, 1, 1), thursday) == [date(2026, 11, 23)]


def test_overview_says_what_nobody_decided_what_is_over_and_what_failed(people, group, db, as_user) -> None:
    decide(db, "wiki", Decision("pilot", group_ids=(group.id,), ends_on=date(2026, 1, 1)))
    failed = {"state": "failed", "problem": '{"say": "Plan it anew.", "with": {}}', "done_at": utcnow()}
    db.add(RolloutStep(plugin="links", before={}, after=Decision("off").as_json(), **failed))
    db.commit()
    text = " ".join(as_user(people["admin"]).get("/admin").html.find("main").get_text(" ").split())
    assert "The time of these functions is over: Wiki" in text
    assert "A planned step could not be taken with: Links" in text
    assert "Nobody decided yet who has:" in text


def test_button_of_a_way_to_sign_in_that_is_off_is_not_shown(app: TestApp, db: Session, monkeypatch) -> None:
    monkeypatch.setattr(stamps, "LOOK_EVERY", 0.0)
    way = SignInMethod("fake", "Sign in with a card", "login", "oidc.start", parts={"provider": "fake"})
    app.app.registry["plein.sign_in_methods"]["fake"] = way
    assert "Sign in with a card" in app.get("/sign-in/local")
    decide(db, "oidc", Decision("off"))
    db.commit()
    assert "Sign in with a card" not in app.get("/sign-in/local")


def test_spaces_are_suggested_by_the_beginning_of_a_word(people, spaces, as_user) -> None:
    def found(who: str, text: str) -> list[Any]:
        return [one["value"] for one in as_user(people[who]).get(f"/spaces/-/suggest?q={text}").json["found"]]

    assert found("carl", "hand") == ["handbook"] and found("carl", "boa") == ["board"]
    assert found("anna", "boa") == [] and found("anna", "") == [] and found("anna", "%25") == []
