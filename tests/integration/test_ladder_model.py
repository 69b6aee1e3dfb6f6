"""A model of the ladder in plain Python, beside the real thing: stages, audiences, choices of spaces, changing groups.

Hypothesis takes one step after another in both, and compares what each person has in each space: in what is stored, on
pages, in search, in the inbox, in the number of readers, on the page that says why, and among jobs.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.content import audience
from plein.content.audience import subject_of
from plein.content.models import Content
from plein.db import open_session, utcnow
from plein.inbox.models import Notification
from plein.ladder import STAGES, Reach
from plein.ladder.changing import Decision, choose, decide, forget
from plein.ladder.models import RolloutChoice
from plein.people.models import Group, GroupPerson, User
from plein.people.sessions import SessionService
from plein.people.standing import viewer_for
from plein.rollout.explain import explain
from plein.search.models import SearchDocument
from plein.security import stamps
from plein.security.cookies import session_cookie
from plein.spaces.models import Space

PEOPLE = ("anna", "bert", "cas", "gast")
SPACES = ("handbook", "board")
GROUPS = ("first", "second")
#: Who reads the page in each space by the rules of spaces alone.
READERS = {"handbook": {"anna", "bert", "cas", "gast"}, "board": {"anna", "bert"}}


#: Who looks at pages after a step, and where.
LOOKS = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(SPACES))


@dataclass
class Model:
    """Who has the wiki where, as docs and screens say it."""

    stage: str = "on"
    reach: str = ""
    groups: set[str] = field(default_factory=set)
    spaces: set[str] = field(default_factory=set)
    chosen: dict[str, bool] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=lambda: {group: set() for group in GROUPS})

    @property
    def covers(self) -> str:
        return self.reach if self.stage == "retiring" else self.stage

    def has(self, person: str, space: str) -> bool:
        match self.covers:
            case "pilot":
                # A guest is in no group.
                by_group = person != "gast" and any(person in self.members[group] for group in self.groups)
                return by_group or space in self.spaces
            case "opt_in":
                return self.chosen.get(space) is True
            case "on":
                return self.chosen.get(space) is not False
        return self.covers == "required"

    def reads(self, person: str, space: str) -> bool:
        return person in READERS[space] and self.has(person, space)


@dataclass
class World:
    """People, spaces, groups and a page in each space, by name."""

    app: TestApp
    engine: Engine
    ids: dict[str, int]
    pages: dict[str, int]
    browsers: dict[str, TestApp]

    def write(self) -> Session:
        return open_session(self.engine, writes=True)


class Machine(RuleBasedStateMachine):
    steps = 0

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.model = world, Model()
        self.looks = ("anna", "handbook")

    @initialize()
    def begin(self) -> None:
        with self.world.write() as db, db.begin():
            db.execute(delete(RolloutChoice))
            db.execute(delete(GroupPerson))
            forget(db, "wiki")

    @rule(
        stage=st.sampled_from(STAGES),
        reach=st.sampled_from(("pilot", "opt_in", "on")),
        groups=st.sets(st.sampled_from(GROUPS)),
        spaces=st.sets(st.sampled_from(SPACES)),
        looks=LOOKS,
    )
    def step(self, stage: Any, reach: str, groups: set[str], spaces: set[str], looks: tuple[str, str]) -> None:
        self.looks = looks
        model, ids = self.model, self.world.ids
        model.stage, model.reach, model.groups, model.spaces = stage, reach, groups, spaces
        decided = Decision(
            stage,
            reach=reach if stage == "retiring" else "",
            group_ids=tuple(ids[one] for one in groups),
            space_ids=tuple(ids[one] for one in spaces),
        )
        with self.world.write() as db, db.begin():
            decide(db, "wiki", decided)

    @rule(space=st.sampled_from(SPACES), is_on=st.booleans(), looks=LOOKS)
    def choose(self, space: str, is_on: bool, looks: tuple[str, str]) -> None:
        self.looks = looks
        self.model.chosen[space] = is_on
        with self.world.write() as db, db.begin():
            choose(db, "wiki", self.world.ids[space], is_on, user_id=None)

    @rule(person=st.sampled_from(PEOPLE), group=st.sampled_from(GROUPS), looks=LOOKS)
    def enter_or_leave(self, person: str, group: str, looks: tuple[str, str]) -> None:
        self.looks = looks
        members, ids = self.model.members[group], self.world.ids
        row = {"group_id": ids[group], "user_id": ids[person]}
        with self.world.write() as db, db.begin():
            if person in members:
                db.execute(delete(GroupPerson).filter_by(**row))
            else:
                db.add(GroupPerson(**row))
        members ^= {person}

    @invariant()
    def what_is_stored(self) -> None:
        """The guard, for everybody."""
        Machine.steps += 1
        with open_session(self.world.engine) as db:
            viewers = {person: viewer_for(db, self.world.ids[person]) for person in PEOPLE}
        for person, viewer in viewers.items():
            expected = {self.world.pages[space] for space in SPACES if self.model.reads(person, space)}
            with open_session(self.world.engine, viewer=viewer) as db:
                assert set(db.scalars(select(Content.id))) == expected, (person, self.model)
                assert set(db.scalars(select(SearchDocument.content_id))) == expected
                assert set(db.scalars(select(Notification.content_id))) == expected
                reach = Reach(db.info["viewer"], lambda db=db: db)
                for space in SPACES:
                    assert reach.has("wiki", self.world.ids[space]) == self.model.has(person, space)
                self._readers_are_counted(db, person)
        plugins = self.world.app.app.registry["plein.plugins"]
        assert plugins.is_off("wiki") == (self.model.covers == "off")

    def _readers_are_counted(self, db: Session, person: str) -> None:
        for space in SPACES:
            if self.model.reads(person, space):
                item = db.get_one(Content, self.world.pages[space])
                counted = audience.count(db, subject_of(item)).total
                assert counted == sum(self.model.reads(one, space) for one in PEOPLE), (space, self.model)

    @invariant()
    def what_pages_answer(self) -> None:
        """One person in one space, another each time: pages cost more."""
        person, space = self.looks
        browser, reads = self.world.browsers[person], self.model.reads(person, space)
        for path in ("/fire", "", "/fire/history"):
            status = browser.get(f"/spaces/{space}/wiki{path}", status="*").status_int
            # What is there and closed is forbidden; what is not there does not exist.
            expected = 200 if reads else 403 if self.model.has(person, space) and person == "cas" and not path else 404
            assert status == expected, (person, space, path, self.model)
        self._why_page_says_the_same(person, space)
        writes = person in ("anna", "bert") and reads and self.model.stage != "retiring"
        assert (browser.get(f"/spaces/{space}/wiki/-/new", status="*").status_int == 200) == writes
        if person in READERS[space]:
            assert (f"/spaces/{space}/wiki" in browser.get(f"/spaces/{space}").text) == reads

    def _why_page_says_the_same(self, person: str, space: str) -> None:
        """Its answer, and what its chain of facts comes to."""
        ids, plugins = self.world.ids, self.world.app.app.registry["plein.plugins"]
        with open_session(self.world.engine) as db:
            knows, asked = viewer_for(db, ids["anna"]), viewer_for(db, ids[person])
        with open_session(self.world.engine, viewer=knows) as db:
            found = explain(db, plugins, "on", "wiki", asked, db.get_one(Space, ids[space]))
        expected = self.model.has(person, space)
        assert (found.has, found.follows) == (expected, expected), (person, space, self.model, found.chain)


def browser_of(app: TestApp, engine: Engine, user: User) -> TestApp:
    with open_session(engine, writes=True) as db, db.begin():
        token = SessionService(db).start(user.id, lasts=timedelta(hours=3), strong=True)
    browser = TestApp(app.app, extra_environ=app.extra_environ)
    browser.set_cookie(session_cookie(app.app.registry), token)
    return browser


@pytest.fixture
def world(
    app: TestApp,
    engine: Engine,
    db: Session,
    make_user: Callable[..., User],
    make_space: Callable[..., Space],
    run_jobs: Callable[[], int],
) -> World:
    people = {name: make_user(name, kind="guest" if name == "gast" else "person") for name in PEOPLE}
    members = {people["anna"]: "manager", people["bert"]: "editor"}
    handbook = make_space("handbook", access="open", members={**members, people["gast"]: "reader"})
    board = make_space("board", access="closed", members=members)
    browsers = {name: browser_of(app, engine, one) for name, one in people.items()}
    for space in SPACES:
        form = next(
            one for one in browsers["anna"].get(f"/spaces/{space}/wiki/-/new").forms.values() if "body" in one.fields
        )
        form["title"], form["body"] = "Fire", "What to do in a blaze."
        form.submit(status=303)
    run_jobs()
    rows = db.execute(select(Content.space_id, Content.id)).all()
    pages = {{handbook.id: "handbook", board.id: "board"}[row.space_id]: row.id for row in rows}
    ids = {name: one.id for name, one in people.items()} | {"handbook": handbook.id, "board": board.id}
    for name in GROUPS:
        group = Group(uid=name, slug=name, name=name, sort_name=name)
        db.add(group)
        db.flush()
        ids[name] = group.id
    db.execute(delete(Notification))
    for name in PEOPLE:
        for page in pages.values():
            told = {"kind": "content.changed", "reason": "space", "group_key": f"{page}", "created_at": utcnow()}
            db.add(Notification(user_id=ids[name], content_id=page, **told))
    db.commit()
    return World(app, engine, ids, pages, browsers)


@pytest.mark.slow
def test_everybody_has_what_the_model_says(world: World, database_kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some steps in each run; ``MODEL_STEPS=10000`` for as many as that."""
    monkeypatch.setattr(stamps, "LOOK_EVERY", 0.0)
    wanted = int(os.environ.get("MODEL_STEPS", 150 if database_kind == "sqlite" else 60))
    Machine.steps = 0
    run_state_machine_as_test(
        lambda: Machine(world),
        settings=settings(
            max_examples=wanted // 20 + 2,
            stateful_step_count=50,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Machine.steps >= wanted
