"""A model of who may see what, in plain Python, beside the real thing: spaces, roles, groups, audiences and moves.

Hypothesis does one thing after another with both and compares what somebody sees. The model knows the rules as the
documents tell them, and nothing of how they are written in SQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.orm import Session

from plein.app import build_site
from plein.content import audience
from plein.content.audience import AudienceService, Named, subject_of
from plein.content.models import Content
from plein.content.services import ContentService
from plein.content.writing import cowriters
from plein.db import utcnow
from plein.db.engine import WRITES
from plein.db.session import UNGUARDED, VIEWER
from plein.people.groups import GroupService
from plein.people.models import Group, User
from plein.people.standing import viewer_for
from plein.plugins import Plugins
from plein.search.index import index
from plein.search.models import SearchDocument
from plein.security.viewer import ViewAs, Viewer
from plein.spaces.contexts import standings
from plein.spaces.models import ROLES, BrokenGlass, GroupMembership, Membership, Space

ACCESS = st.sampled_from(["open", "closed", "hidden"])
ROLE = st.sampled_from([*ROLES, "asked"])
PEOPLE = ("anna", "ben", "cas", "admin", "gast", "gina")


@dataclass
class Item:
    """What decides who sees an item."""

    space: int
    author: int
    state: str = "published"
    before: str = "published"
    audience: dict[tuple[str, int], str] | None = None
    co_writers: set[tuple[str, int]] = field(default_factory=set)


@dataclass
class Model:
    """Who is what, and who sees what by it."""

    kinds: dict[int, str] = field(default_factory=dict)
    active: dict[int, bool] = field(default_factory=dict)
    admins: set[int] = field(default_factory=set)
    access: dict[int, str] = field(default_factory=dict)
    roles: dict[tuple[int, int], str] = field(default_factory=dict)
    group_roles: dict[tuple[int, int], str] = field(default_factory=dict)
    members: dict[int, set[int]] = field(default_factory=dict)
    inside: dict[int, set[int]] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)
    glass: set[tuple[int, int]] = field(default_factory=set)

    def below(self, group: int) -> set[int]:
        """The group and all groups inside it."""
        found, waiting = set(), [group]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self.inside[one]
        return found

    def groups_of(self, person: int) -> set[int]:
        if self.kinds[person] == "guest":
            return set()
        return {group for group in self.members if any(person in self.members[one] for one in self.below(group))}

    def role(self, person: int, space: int) -> str | None:
        """The best role in a space; no role for who only asked."""
        found = [self.group_roles.get((space, group)) for group in self.groups_of(person)]
        found.append(self.roles.get((space, person)))
        known = [role for role in found if role in ROLES]
        return min(known, key=ROLES.index) if known else None

    def broke(self, person: int, space: int) -> bool:
        return person in self.admins and (person, space) in self.glass

    def knows(self, person: int, space: int) -> bool:
        if not self.active[person]:
            return False
        by_access = self.kinds[person] == "person" and self.access[space] != "hidden"
        return by_access or self.role(person, space) is not None or self.broke(person, space)

    def reads(self, person: int, number: int) -> bool:
        item = self.items[number]
        if not self.active[person]:
            return False
        if self.broke(person, item.space):
            return True
        role = self.role(person, item.space)
        is_open = self.kinds[person] == "person" and self.access[item.space] == "open"
        own = item.author == person
        if role is None and not is_open:
            return False
        if item.state in ("draft", "scheduled"):
            writers = {who: level for who, level in (item.audience or {}).items() if level == "write"}
            return own or self.named(person, {*writers, *item.co_writers})
        if item.state == "trashed" and role not in ("manager", "editor"):
            return False
        return item.audience is None or own or self.named(person, set(item.audience))

    def named(self, person: int, names: set[tuple[str, int]]) -> bool:
        groups = self.groups_of(person)
        return ("user", person) in names or any(("group", group) in names for group in groups)


class Machine(RuleBasedStateMachine):
    """Does the same to the model and to Plein."""

    #: how often the two were compared, all runs together
    steps = 0

    people = Bundle("people")
    groups = Bundle("groups")
    spaces = Bundle("spaces")
    items = Bundle("items")

    def __init__(self, connection: Connection, plugins: Plugins) -> None:
        super().__init__()
        self.connection = connection
        self.plugins = plugins
        self.transaction = connection.begin()
        self.db = Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        self.db.info[UNGUARDED] = "the model compares what everybody sees"
        self.model = Model()
        self.count = 0

    def teardown(self) -> None:
        for person in self.model.kinds:
            self.compare(person)
        self.db.close()
        self.transaction.rollback()

    def put(self, row: Any) -> Any:
        self.db.add(row)
        self.db.flush()
        return row

    # -- what there is -------------------------------------------------------------------------------------------

    @initialize(target=people)
    def everybody(self) -> Any:
        made = []
        for name in PEOPLE:
            kind = "guest" if name.startswith("g") else "person"
            user = self.put(User(uid=name, login=name, name=name, kind=kind, is_admin=name == "admin"))
            self.model.kinds[user.id], self.model.active[user.id] = kind, True
            if name == "admin":
                self.model.admins.add(user.id)
            made.append(user.id)
        return multiple(*made)

    @rule(target=spaces, access=ACCESS, person=people)
    def start_space(self, access: str, person: int) -> int:
        self.count += 1
        word = f"space{self.count}"
        space = self.put(Space(uid=word, slug=word, name=word, access=access))
        self.model.access[space.id] = access
        self.set_role(space.id, person, "manager")
        return int(space.id)

    @rule(target=groups)
    def make_group(self) -> int:
        self.count += 1
        group = self.group_service().create(name=f"group{self.count}")
        self.model.members[group.id], self.model.inside[group.id] = set(), set()
        return int(group.id)

    @rule(target=items, space=spaces, author=people, state=st.sampled_from(["published", "draft", "scheduled"]))
    def write(self, space: int, author: int, state: str) -> int:
        self.count += 1
        service = self.content(author)
        item = service.create(self.db.get_one(Space, space), title=f"item{self.count}", body="text", state=state)
        self.model.items[item.id] = Item(space, author, state)
        return int(item.id)

    # -- who belongs where ---------------------------------------------------------------------------------------

    @rule(space=spaces, access=ACCESS)
    def change_access(self, space: int, access: str) -> None:
        self.db.get_one(Space, space).access = access
        self.db.flush()
        self.model.access[space] = access

    @rule(space=spaces, person=people, role=ROLE)
    def give_role(self, space: int, person: int, role: str) -> None:
        self.set_role(space, person, role)

    def set_role(self, space: int, person: int, role: str) -> None:
        self.db.merge(Membership(space_id=space, user_id=person, role=role))
        self.db.flush()
        self.model.roles[space, person] = role

    @rule(space=spaces, person=people)
    def take_out(self, space: int, person: int) -> None:
        self.db.execute(delete(Membership).where(Membership.space_id == space, Membership.user_id == person))
        self.model.roles.pop((space, person), None)

    @rule(space=spaces, group=groups, role=st.sampled_from(ROLES))
    def give_group_role(self, space: int, group: int, role: str) -> None:
        self.db.merge(GroupMembership(space_id=space, group_id=group, role=role))
        self.db.flush()
        self.model.group_roles[space, group] = role

    @rule(space=spaces, group=groups)
    def take_group_out(self, space: int, group: int) -> None:
        here = (GroupMembership.space_id == space, GroupMembership.group_id == group)
        self.db.execute(delete(GroupMembership).where(*here))
        self.model.group_roles.pop((space, group), None)

    @rule(group=groups, person=people)
    def into_group(self, group: int, person: int) -> None:
        if self.model.active[person]:
            self.group_service().add(self.db.get_one(Group, group), person)
            self.model.members[group].add(person)

    @rule(group=groups, person=people)
    def out_of_group(self, group: int, person: int) -> None:
        self.group_service().remove(self.db.get_one(Group, group), person)
        self.model.members[group].discard(person)

    @rule(parent=groups, child=groups)
    def nest(self, parent: int, child: int) -> None:
        if parent in self.model.below(child):
            return
        self.group_service().nest(self.db.get_one(Group, parent), self.db.get_one(Group, child))
        self.model.inside[parent].add(child)

    @rule(parent=groups, child=groups)
    def unnest(self, parent: int, child: int) -> None:
        if child in self.model.inside[parent]:
            self.group_service().unnest(self.db.get_one(Group, parent), self.db.get_one(Group, child))
            self.model.inside[parent].discard(child)

    @rule(person=people)
    def suspend_or_restore(self, person: int) -> None:
        active = not self.model.active[person]
        self.db.execute(update(User).where(User.id == person).values(state="active" if active else "suspended"))
        self.model.active[person] = active

    @rule(person=people, space=spaces)
    def break_glass(self, person: int, space: int) -> None:
        ends = utcnow() + timedelta(minutes=60)
        self.put(BrokenGlass(user_id=person, space_id=space, reason="a model", ends_at=ends))
        self.model.glass.add((person, space))

    @rule(person=people, space=spaces)
    def hour_ends(self, person: int, space: int) -> None:
        mine = (BrokenGlass.user_id == person, BrokenGlass.space_id == space)
        self.db.execute(update(BrokenGlass).where(*mine).values(ends_at=utcnow() - timedelta(seconds=1)))
        self.model.glass.discard((person, space))

    # -- what becomes of items -----------------------------------------------------------------------------------

    @rule(item=items, space=spaces)
    def move(self, item: int, space: int) -> None:
        one = self.item(item)
        self.content(one.author_id).move_to_space(one, self.db.get_one(Space, space))
        self.model.items[item].space = space

    @rule(item=items)
    def trash_or_put_back(self, item: int) -> None:
        one, known = self.item(item), self.model.items[item]
        if known.state == "trashed":
            self.content(one.author_id).untrash(one)
            known.state = known.before
        else:
            self.content(one.author_id).trash(one)
            known.before, known.state = known.state, "trashed"

    @rule(item=items, person=people, level=st.sampled_from(["read", "write"]))
    def name_person(self, item: int, person: int, level: str) -> None:
        self.audience(item).restrict(Named((person,)), level)
        known = self.model.items[item]
        known.audience = {**(known.audience or {}), ("user", person): level}

    @rule(item=items, group=groups)
    def name_group(self, item: int, group: int) -> None:
        self.audience(item).restrict(Named((), (group,)))
        known = self.model.items[item]
        known.audience = {**(known.audience or {}), ("group", group): "read"}

    @rule(item=items, person=people)
    def take_out_of_audience(self, item: int, person: int) -> None:
        self.audience(item).take_out("user", person)
        (self.model.items[item].audience or {}).pop(("user", person), None)

    @rule(item=items, person=people, group=groups)
    def name_co_writers(self, item: int, person: int, group: int) -> None:
        one, known = self.item(item), self.model.items[item]
        if cowriters.is_unpublished(one):
            cowriters.name(self.db, one, Named((person,), (group,)))
            known.co_writers = {("user", person), ("group", group)}

    @rule(item=items)
    def publish(self, item: int) -> None:
        one, known = self.item(item), self.model.items[item]
        if cowriters.is_unpublished(one):
            self.content(one.author_id).change_state(one, "published", "published")
            known.state, known.co_writers = "published", set()

    @rule(item=items)
    def back_to_draft(self, item: int) -> None:
        one, known = self.item(item), self.model.items[item]
        if known.state == "published":
            self.content(one.author_id).change_state(one, "draft", "unpublished")
            known.state = "draft"

    @rule(item=items)
    def open_up(self, item: int) -> None:
        self.audience(item).open_up()
        self.model.items[item].audience = None

    # -- the same? -----------------------------------------------------------------------------------------------

    @invariant()
    def somebody_sees_what_the_model_says(self) -> None:
        people = list(self.model.kinds)
        if people:
            Machine.steps += 1
            self.count += 1
            self.compare(people[self.count % len(people)])

    @rule(item=items)
    def count_readers(self, item: int) -> None:
        expected = {person for person in self.model.kinds if self.model.reads(person, item)}
        one = self.item(item)
        counted = audience.count(self.db, subject_of(one))
        listed = audience.readers(self.db, subject_of(one), one.space, one).readers
        assert counted.total == len(expected)
        assert {reader.user_id for reader in listed} == expected

    @rule(person=people, space=spaces, role=st.sampled_from(["editor", "member", "reader", "visitor"]))
    def look_as_a_role(self, person: int, space: int, role: str) -> None:
        """Nobody sees more by looking as somebody else."""
        who = viewer_for(self.db, person)
        if not who.is_signed_in or who.kind == "guest":
            return
        looks = Viewer(user_id=who.user_id, kind="person", view_as=ViewAs(space_id=space, role=role))
        with self.seen_by(looks) as theirs:
            seen = set(theirs.scalars(select(Content.id)))
        assert seen <= {item for item in self.model.items if self.model.reads(person, item)}

    def indexed(self) -> None:
        """What the job does soon after somebody saved, deleted or put back."""
        there = set(self.db.scalars(select(SearchDocument.content_id)))
        for number in self.model.items:
            item = self.item(number)
            if (item.state == "trashed") == (number in there):
                index(self.db, item)

    def compare(self, person: int) -> None:
        self.indexed()
        who = viewer_for(self.db, person)
        with self.seen_by(who) as theirs:
            items, spaces = set(theirs.scalars(select(Content.id))), set(theirs.scalars(select(Space.id)))
            found = set(theirs.scalars(select(SearchDocument.content_id)))
            roles = {one.space.id: one.role for one in standings(theirs, who)} if who.is_signed_in else {}
        model = self.model
        expected = {item for item in model.items if model.reads(person, item)}
        assert items == expected, (person, items ^ expected)
        assert found == {item for item in expected if model.items[item].state != "trashed"}
        assert spaces == {space for space in model.access if model.knows(person, space)}
        for space, role in roles.items():
            visits = model.access[space] == "open" and model.kinds[person] == "person"
            assert role == (model.role(person, space) or ("visitor" if visits else None))

    @contextmanager
    def seen_by(self, who: Viewer) -> Iterator[Session]:
        with Session(self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            session.info[VIEWER] = who
            yield session

    def item(self, number: int) -> Content:
        return self.db.get_one(Content, number)

    def content(self, author: int | None) -> ContentService:
        kind = self.plugins.content_types["wiki.page"]
        service_class = kind.service or ContentService
        made: ContentService = service_class(self.db, Viewer(user_id=author, kind="person"), kind, self.plugins)
        return made

    def audience(self, item: int) -> AudienceService:
        one = self.item(item)
        return AudienceService(self.content(one.author_id), one)

    def group_service(self) -> GroupService:
        return GroupService(self.db, Viewer(user_id=None))


@pytest.mark.slow
def test_everybody_sees_what_the_model_says(engine: Engine, plugins_of_core: Plugins, database_kind: str) -> None:
    """Ten thousand steps on SQLite, a thousand on PostgreSQL."""
    examples, wanted = (265, 10_000) if database_kind == "sqlite" else (30, 1_000)
    Machine.steps = 0
    with engine.execution_options(**{WRITES: True}).connect() as connection:
        run_state_machine_as_test(
            lambda: Machine(connection, plugins_of_core),
            settings=settings(
                max_examples=examples,
                stateful_step_count=50,
                # Making a failure smaller would take minutes: each step asks a database.
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert Machine.steps >= wanted


@pytest.fixture
def plugins_of_core(database_url: str, tmp_path: Any) -> Plugins:
    """The plugins of a site, with the core's own features: the search index takes part."""
    site = build_site(
        {"plein.database_url": database_url, "plein.secret": "x" * 40, "plein.files_dir": str(tmp_path / "files")}
    )
    site.engine.dispose()
    return site.plugins
