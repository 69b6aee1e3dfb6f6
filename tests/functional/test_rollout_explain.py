"""Why somebody has a function, or not: what the chain comes to is what pages do, for every stage, person and space."""

from collections.abc import Callable
from datetime import date
from itertools import product
from typing import Any

import pytest
from webtest import TestApp

from plein.db import db_unguarded, open_session
from plein.ladder.changing import Decision, choose, decide
from plein.people.models import Group, User
from plein.people.standing import viewer_for
from plein.rollout.explain import FACT_NAMES, Explanation, explain
from plein.rollout.words import plainly
from plein.security.viewer import Viewer
from plein.spaces.models import Space


@pytest.fixture
def people(make_user: Callable[..., User]) -> dict[str, User]:
    return {name: make_user(name) for name in ("anna", "bert", "carl")} | {"gast": make_user("gast", kind="guest")}


@pytest.fixture
def spaces(make_space: Callable[..., Space], people: dict[str, User]) -> dict[str, Space]:
    """Anna manages both, Bert and the guest belong to the first, Carl to none."""
    members = {people["anna"]: "manager", people["bert"]: "member", people["gast"]: "reader"}
    return {
        "handbook": make_space("handbook", access="open", members=members),
        "board": make_space("board", access="hidden", members={people["anna"]: "manager"}),
    }


@pytest.fixture
def group(make_group: Callable[..., Group], people: dict[str, User]) -> Group:
    """A group of Carl's."""
    return make_group("pilot", "Pilot", people["carl"])


@pytest.fixture
def ask(app: TestApp, engine: Any) -> Callable[..., Explanation]:
    plugins = app.app.registry["plein.plugins"]

    def ask_it(person: User | None, space: Space | None, plugin: str = "wiki") -> Explanation:
        with db_unguarded(engine, reason="a test asks why") as session:
            viewer = viewer_for(session, person.id) if person is not None else Viewer()
            return explain(session, plugins, "on", plugin, viewer, space)

    return ask_it


def said(explained: Explanation) -> str:
    return " ".join(plainly(fact.sentence) for fact in explained.chain)


def test_chain_and_answer_are_what_pages_do(people, spaces, group, ask, as_user, db) -> None:
    browsers = {name: as_user(person) for name, person in people.items()}
    first, second = spaces["handbook"], spaces["board"]
    end = date(2090, 1, 1)
    decisions = [
        Decision("off"),
        Decision("pilot", group_ids=(group.id,), ends_on=end),
        Decision("pilot", space_ids=(second.id,), ends_on=end),
        Decision("pilot", group_ids=(group.id,), space_ids=(first.id, second.id), ends_on=end),
        Decision("opt_in"),
        Decision("on"),
        Decision("required"),
        Decision("retiring", reach="pilot", group_ids=(group.id,), ends_on=end),
        Decision("retiring", reach="opt_in", ends_on=end),
    ]
    choose(db, "wiki", first.id, True, user_id=None)
    choose(db, "wiki", second.id, False, user_id=None)
    differs = []
    for decided in decisions:
        decide(db, "wiki", decided)
        db.commit()
        for (name, person), space in product(people.items(), (first, second, None)):
            explained = ask(person, space)
            case = (decided.stage, name, space and space.slug, said(explained))
            if explained.has != explained.follows:
                differs.append(("chain", *case))
            if space is first or (space is second and name == "anna"):
                found = browsers[name].get(f"/spaces/{space.slug}/wiki", status="*").status_int == 200
                if found != explained.has:
                    differs.append(("page", *case))
    assert not differs


def test_chain_names_what_it_goes_by(people, spaces, group, ask, db) -> None:
    decide(db, "wiki", Decision("pilot", group_ids=(group.id,), space_ids=(spaces["board"].id,)))
    db.commit()
    assert "in a group that takes part in the pilot: Pilot" in said(ask(people["carl"], spaces["handbook"]))
    assert "Belongs to a space that takes part in the pilot: Board" in said(ask(people["anna"], None))
    told = said(ask(people["bert"], spaces["handbook"]))
    assert "in no group that takes part" in told and "Comes into this space as: Member. May: " in told
    assert all(fact.name in FACT_NAMES for fact in ask(people["bert"], None).chain)


def test_space_that_the_asker_does_not_know_is_not_named(people, spaces, app, engine, db) -> None:
    decide(db, "wiki", Decision("pilot", space_ids=(spaces["board"].id,)))
    db.commit()
    with open_session(engine, viewer=viewer_for(db, people["bert"].id)) as asking:
        plugins = app.app.registry["plein.plugins"]
        explained = explain(asking, plugins, "on", "wiki", viewer_for(db, people["anna"].id))
    assert explained.has and "Board" not in said(explained) and "cannot see yourself" in said(explained)


def test_nobody_decided_and_not_installed_are_said(people, ask, app) -> None:
    assert "Nobody decided" in said(ask(people["bert"], None)) and ask(people["bert"], None).has
    missing = ask(people["bert"], None, "polls")
    assert not missing.has and not missing.follows and "no plugin polls" in said(missing)
    app.app.registry["plein.plugins"].off += ("polls",)
    assert "leave it out" in said(ask(people["bert"], None, "polls"))
