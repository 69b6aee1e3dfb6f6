"""Audiences: the count, the names, the rules and the explanation say what the guard does, for every person and item."""

from datetime import timedelta
from typing import Any

import pytest
from guarded_world import World
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from plein.content import audience
from plein.content.audience import AudienceService, Named, planned, subject_of
from plein.content.explain import explain_item, explain_space
from plein.content.models import Content
from plein.content.services import ContentService
from plein.db import open_session, utcnow
from plein.people.models import Group, GroupPerson, User
from plein.people.standing import viewer_for
from plein.plugins import Plugins, build_plugins
from plein.security.viewer import ANONYMOUS
from plein.spaces.models import BrokenGlass, GroupMembership, Space


@pytest.fixture
def world(db: Session) -> World:
    """The guard's world, with a group in the closed space, people named, glass broken and accounts that ended."""
    world = World(db)
    team = _group(db, "team", [world.users["ben"], world.users["vreemd"]])
    board = _group(db, "board", [world.users["mia"], world.users["gast"]])
    db.add(GroupMembership(space_id=world.spaces["closed"].id, group_id=team.id, role="reader"))
    restricted = db.get(Content, world.ids["open restricted to anna"])
    assert restricted is not None
    AudienceService(_service(db, restricted), restricted).restrict(Named((world.users["piet"].id,), (board.id,)))
    db.add(
        BrokenGlass(
            user_id=world.users["beheer"].id,
            space_id=world.spaces["hidden"].id,
            reason="a report",
            ends_at=utcnow() + timedelta(minutes=5),
        )
    )
    db.execute(update(User).where(User.login == "piet").values(ends_on=utcnow().date() - timedelta(days=2)))
    db.commit()
    return world


def _group(db: Session, name: str, people: list[User]) -> Group:
    group = Group(uid=name, slug=name, name=name.title(), sort_name=name)
    db.add(group)
    db.flush()
    db.add_all(GroupPerson(group_id=group.id, user_id=person.id) for person in people)
    return group


def _service(db: Session, item: Content) -> ContentService:
    plugins = build_plugins({}, environ={})
    return ContentService(db, ANONYMOUS, plugins.content_types[item.type], plugins)


def _people(db: Session) -> list[User]:
    return list(db.scalars(select(User).order_by(User.id)))


def _who_reads(world: World, db: Session, item_id: int) -> set[str]:
    """The logins of those whom the guard lets read an item, asked as each of them."""
    found = set()
    for person in _people(db):
        with open_session(world.engine, viewer=viewer_for(db, person.id)) as theirs:
            if theirs.scalar(select(Content.id).where(Content.id == item_id)) is not None:
                found.add(person.login)
    return found


def test_count_and_names_are_those_whom_the_guard_lets_in(world: World, db: Session) -> None:
    for name, item_id in world.ids.items():
        item = db.get(Content, item_id)
        assert item is not None
        expected = _who_reads(world, db, item_id)
        page = audience.readers(db, subject_of(item), item.space, item)
        assert {reader.login for reader in page.readers} == expected, name
        counted = audience.count(db, subject_of(item))
        guests = {reader.login for reader in page.readers if reader.kind == "guest"}
        assert (counted.total, counted.guests) == (len(expected), len(guests)), name


def test_explanation_comes_to_what_the_guard_says(world: World, db: Session, plugins: Plugins) -> None:
    for name, item_id in world.ids.items():
        item = db.get(Content, item_id)
        assert item is not None
        for person in _people(db):
            explained = explain_item(world.engine, plugins, db, person, item)
            steps = [(step.name, step.ok, str(step.sentence)) for step in explained.steps]
            assert explained.reads == explained.follows, (name, person.login, steps)


def test_explanation_of_a_space_comes_to_what_the_guard_says(world: World, db: Session) -> None:
    for person in _people(db):
        with open_session(world.engine, viewer=viewer_for(db, person.id)) as theirs:
            known = set(theirs.scalars(select(Space.slug)))
        for slug, space in world.spaces.items():
            assert explain_space(world.engine, db, person, space).reads == (slug in known), (person.login, slug)


def test_every_reader_has_a_rule_that_is_true(world: World, db: Session) -> None:
    item = db.get(Content, world.ids["closed page"])
    assert item is not None
    rules = {one.login: (one.rule, one.role, one.group) for one in _readers(db, item)}
    assert rules["anna"] == ("author", "editor", None)
    assert rules["ben"] == ("group", "reader", "Team")
    assert rules["gast"] == ("member", "reader", None)
    # The group is in the space, but a guest has nothing by groups.
    assert "vreemd" not in rules
    restricted = db.get(Content, world.ids["open restricted to anna"])
    assert restricted is not None
    assert {one.login: one.rule for one in _readers(db, restricted)} == {"anna": "author", "mia": "named_group"}


def _readers(db: Session, item: Content) -> list[Any]:
    return audience.readers(db, subject_of(item), item.space, item).readers


def test_readers_come_in_parts_without_gaps(world: World, db: Session) -> None:
    item = db.get(Content, world.ids["open page"])
    assert item is not None
    whole = [one.login for one in _readers(db, item)]
    parts, after = [], ""
    while True:
        page = audience.readers(db, subject_of(item), item.space, item, after=after, size=2)
        parts += [one.login for one in page.readers]
        after = page.after
        if not after:
            break
    assert parts == whole and len(whole) > 2


def test_an_item_that_is_not_stored_yet_is_counted_as_it_would_be(world: World, db: Session) -> None:
    anna, space = world.users["anna"], world.spaces["closed"]
    page = db.get(Content, world.ids["closed page"])
    assert page is not None
    assert audience.count(db, planned(space, anna.id)) == audience.count(db, subject_of(page))
    only = audience.count(db, planned(space, anna.id, Named((world.users["gast"].id,))))
    assert (only.colleagues, only.guests) == (1, 1)
    team = db.scalar(select(Group.id).where(Group.slug == "team"))
    by_group = audience.count(db, planned(space, anna.id, Named((), (team,))))
    assert (by_group.colleagues, by_group.guests) == (2, 0)


def test_opening_up_leaves_nobody_named(world: World, db: Session) -> None:
    item = db.get(Content, world.ids["open restricted to anna"])
    assert item is not None
    service = AudienceService(_service(db, item), item)
    before = service.open_up()
    assert [(one.kind, one.value, one.level) for one in before] == [
        ("user", "piet", "read"),
        ("group", "group:board", "read"),
    ]
    assert not item.restricted and service.named() == []


def test_whoever_restricts_an_item_of_another_stays_in(world: World, db: Session) -> None:
    item = db.get(Content, world.ids["closed page"])
    assert item is not None
    AudienceService(_service(db, item), item).restrict(Named((world.users["gast"].id,)), keep=world.users["ben"].id)
    db.commit()
    assert _who_reads(world, db, item.id) == {"anna", "gast", "ben"}
