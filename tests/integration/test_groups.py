"""Groups: what the table of who is in which group says, against a model that follows every group inside another."""

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError

from plein.audit.models import AuditEntry
from plein.db import open_session
from plein.people.groups import GroupError, GroupService, fold_name
from plein.people.models import Group, GroupChild, GroupMember, GroupPerson, User
from plein.people.standing import today
from plein.security.viewer import ANONYMOUS

PEOPLE, GROUPS = 4, 5


@pytest.fixture
def groups(db, viewer_of, make_user):
    return GroupService(db, viewer_of(make_user("keeper", is_admin=True)))


def in_groups(db):
    """(group, person) of the table, by the names that tests give them."""
    rows = select(Group.name, User.login).join(GroupPerson, GroupPerson.group_id == Group.id)
    return {tuple(row) for row in db.execute(rows.join(User, User.id == GroupPerson.user_id))}


class Model:
    """What groups are, said as simply as can be: follow every group inside, from the start, each time."""

    def __init__(self) -> None:
        self.members: dict[int, set[int]] = {number: set() for number in range(GROUPS)}
        self.children: dict[int, set[int]] = {number: set() for number in range(GROUPS)}

    def everybody(self, group: int) -> set[int]:
        return self.members[group].union(*(self.everybody(child) for child in self.children[group]))

    def holds(self, group: int, other: int) -> bool:
        return group == other or any(self.holds(child, other) for child in self.children[group])

    def rows(self) -> set[tuple[str, str]]:
        return {(f"g{group}", f"p{person}") for group in self.members for person in self.everybody(group)}


group_number = st.integers(0, GROUPS - 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["add", "remove"]), group_number, st.integers(0, PEOPLE - 1)),
        st.tuples(st.sampled_from(["nest", "nest", "unnest"]), group_number, group_number),
        st.tuples(st.just("delete"), group_number, st.just(0)),
    ),
    max_size=30,
)


def test_table_says_what_following_every_group_says(groups, db, make_user):
    people = [make_user(f"p{number}") for number in range(PEOPLE)]
    db.commit()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=steps)
    def check(steps):
        db.execute(delete(Group))
        made = {number: groups.create(name=f"g{number}") for number in range(GROUPS)}
        model = Model()
        for step, group, other in steps:
            if group not in model.members or (step in ("nest", "unnest") and other not in model.members):
                continue
            _take_step(groups, made, people, model, step, group, other)
            assert in_groups(db) == model.rows()
        db.rollback()

    check()


def _take_step(groups, made, people, model, step, group, other):
    if step == "add":
        assert groups.add(made[group], people[other].id) == (other not in model.members[group])
        model.members[group].add(other)
    elif step == "remove":
        assert groups.remove(made[group], people[other].id) == (other in model.members[group])
        model.members[group].discard(other)
    elif step == "delete":
        groups.delete(made.pop(group))
        del model.members[group], model.children[group]
        for children in model.children.values():
            children.discard(group)
    elif step == "unnest":
        groups.unnest(made[group], made[other])
        model.children[group].discard(other)
    elif model.holds(other, group):
        with pytest.raises(GroupError):
            groups.nest(made[group], made[other])
    else:
        groups.nest(made[group], made[other])
        model.children[group].add(other)


def test_two_changes_at_once_do_not_miss_each_other(engine, db, make_user):
    """One puts somebody into a group, another puts that group into a third: the third has the person."""
    service = GroupService(db, ANONYMOUS)
    outer, inner = service.create(name="outer"), service.create(name="inner")
    anna = make_user("anna")
    db.commit()
    together = threading.Barrier(2, timeout=20)
    failures = []

    def change(what):
        try:
            with open_session(engine, writes=True) as session:
                if engine.dialect.name == "postgresql":
                    session.scalar(select(Group.id))
                    together.wait()
                with session.begin_nested():
                    what(GroupService(session, ANONYMOUS), session)
                session.commit()
        except (OperationalError, threading.BrokenBarrierError) as error:  # pragma: no cover
            failures.append(error)

    def add(groups, session):
        groups.add(session.get(Group, inner.id), anna.id)

    def nest(groups, session):
        groups.nest(session.get(Group, outer.id), session.get(Group, inner.id))

    workers = [threading.Thread(target=change, args=(what,)) for what in (add, nest)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)
    assert not failures
    assert in_groups(db) == {("outer", "anna"), ("inner", "anna")}


def test_crosswise_nesting_at_once_makes_no_circle(engine, db):
    service = GroupService(db, ANONYMOUS)
    one, two = service.create(name="one"), service.create(name="two")
    db.commit()
    refused = []

    def nest(parent, child):
        with open_session(engine, writes=True) as session:
            try:
                GroupService(session, ANONYMOUS).nest(session.get(Group, parent), session.get(Group, child))
                session.commit()
            except GroupError as error:
                refused.append(error)

    workers = [threading.Thread(target=nest, args=pair) for pair in ((one.id, two.id), (two.id, one.id))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)
    assert len(refused) == 1
    assert len(db.execute(select(GroupChild)).all()) == 1


def test_guests_and_people_who_left_do_not_count(groups, db, make_user):
    team = groups.create(name="Team")
    for login, values in {
        "anna": {},
        "gast": {"kind": "guest", "ends_on": today() + timedelta(days=9)},
        "weg": {"state": "left"},
        "voorbij": {"ends_on": today() - timedelta(days=1)},
    }.items():
        person = make_user(login, **values)
        db.add(GroupMember(group_id=team.id, user_id=person.id))
        db.add(GroupPerson(group_id=team.id, user_id=person.id))
    db.flush()
    assert groups.count(team) == groups.page().cards[0].people == 1
    assert [one.login for one in groups.people(team).people] == ["anna", "gast"]


def test_group_of_a_source_is_read_only_by_hand(groups, db, make_user):
    anna, mine = make_user("anna"), groups.create(name="Mine")
    kept = Group(uid="u", slug="kept", name="Kept", sort_name="kept", source="csv", external_id="1")
    db.add(kept)
    db.flush()
    db.add(GroupMember(group_id=kept.id, user_id=anna.id))
    db.flush()
    for change in (
        lambda: groups.change(kept, name="Other", kind="pilot", description=""),
        lambda: groups.delete(kept),
        lambda: groups.add(kept, anna.id),
        lambda: groups.remove(kept, anna.id),
        lambda: groups.nest(kept, mine),
        lambda: groups.unnest(kept, mine),
    ):
        with pytest.raises(GroupError, match="directory"):
            change()
    assert groups.nest(mine, kept), "a group by hand may hold one of a directory"
    db.execute(delete(GroupMember))
    groups.delete(kept)
    assert groups.find("kept") is None, "an empty one is what a directory left of it"


def test_nobody_without_an_account_that_works_is_put_into_a_group(groups, make_user):
    team = groups.create(name="Team")
    with pytest.raises(GroupError):
        groups.add(team, make_user("weg", state="left").id)


def test_every_change_is_in_the_audit_log(groups, db, make_user):
    anna, other = make_user("anna"), groups.create(name="Other")
    team = groups.create(name="Team", kind="project")
    groups.change(team, name="Team 1", kind="project", description="")
    groups.add(team, anna.id)
    groups.nest(team, other)
    groups.unnest(team, other)
    groups.remove(team, anna.id)
    groups.delete(team)
    db.commit()
    assert [entry.action for entry in db.scalars(select(AuditEntry).order_by(AuditEntry.number))] == [
        "group.created", "group.created", "group.changed", "group.person_added", "group.nested", "group.unnested",
        "group.person_removed", "group.deleted",
    ]  # fmt: skip


def test_pages_follow_each_other_whatever_the_names(groups, db, make_user):
    for name in ("Zorg", "élan", "Élan", "Burgerzaken", "burgerzaken", "10 dagen"):
        groups.create(name=name)
    slugs, after = [], ""
    while True:
        page = groups.page(after=after, size=2)
        slugs += [card.slug for card in page.cards]
        after = page.after
        if not after:
            break
    assert slugs == ["10-dagen", "burgerzaken", "burgerzaken-2", "elan", "elan-2", "zorg"]
    assert [card.name for card in groups.page(text="ÉLAN").cards] == ["élan", "Élan"]
    assert fold_name("  Élan   B ") == "elan b"
