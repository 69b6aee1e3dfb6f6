"""Groups as members of spaces: who is in by one, who is counted, and that a space keeps a manager."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from plein.admin.unmanaged import unmanaged
from plein.people.models import Group, GroupPerson, User
from plein.security.models import PermissionGrant
from plein.spaces.errors import LastManager, NoSuchPerson, NotAllowed, SpaceError
from plein.spaces.group_members import GroupMembers
from plein.spaces.joining import Joining
from plein.spaces.models import GroupMembership, Space
from plein.spaces.services import COUNTED, SpaceService


@pytest.fixture
def make_group(db: Session) -> Callable[..., Group]:
    """``make_group("ict", anna, erik)``: a stored group with people in it."""

    def make(slug: str, *people: User) -> Group:
        group = Group(uid=f"group-{slug}", slug=slug, name=f"Team {slug}", sort_name=f"team {slug}")
        db.add(group)
        db.flush()
        db.add_all([GroupPerson(group_id=group.id, user_id=one.id) for one in people])
        db.commit()
        db.expunge(group)
        return group

    return make


@pytest.fixture
def let_in(db: Session) -> Callable[..., None]:
    def put(space: Space, group: Group, role: str = "member") -> None:
        db.add(GroupMembership(space_id=space.id, group_id=group.id, role=role))
        db.commit()

    return put


@pytest.fixture
def seen_by(session_of, viewer_of) -> Callable[..., Any]:
    """``seen_by(user, space, Joining)``: a service, in a session of that person; it ends the one before."""
    opened: list[Session] = []

    def make(user: User, space: Space, service: Any = Joining, *, writes: bool = True) -> Any:
        for session in opened:
            session.rollback()
        opened.append(session_of(user, writes=writes))
        found = opened[-1].get(Space, space.id)
        assert found is not None
        return service(opened[-1], viewer_of(user), found)

    return make


@pytest.fixture
def cards_of(session_of, viewer_of) -> Callable[..., list[Any]]:
    return lambda user, **how: SpaceService(session_of(user, writes=False), viewer_of(user)).page(**how).cards


def test_everybody_in_a_space_counts_once_and_guests_not_by_a_group(
    make_user, make_space, make_group, let_in, seen_by, cards_of
) -> None:
    anna, erik, mona = make_user("anna"), make_user("erik"), make_user("mona")
    guest, left = make_user("guest", kind="guest"), make_user("left", state="left")
    space = make_space("team", access="hidden", members={mona: "manager", anna: "reader"})
    let_in(space, make_group("ict", anna, erik, guest, left))
    let_in(space, make_group("web", erik, mona), "editor")
    assert seen_by(mona, space, writes=False).count() == 3
    (card,) = cards_of(erik, mine=True)
    assert (card.members, card.is_more, card.role) == (3, False, "editor")
    assert [(one.name, one.people) for one in seen_by(anna, space, GroupMembers, writes=False).all()] == [
        ("Team web", 2),
        ("Team ict", 2),
    ]
    assert cards_of(guest) == []


def test_a_list_counts_no_further_than_it_must_and_says_so(
    make_user, make_space, make_group, let_in, cards_of, db, monkeypatch
) -> None:
    monkeypatch.setattr("plein.spaces.services.COUNTED", 150)
    assert COUNTED == 500
    people = [User(uid=f"u{n}", login=f"u{n}", name=f"U {n}") for n in range(200)]
    db.add_all(people)
    db.commit()
    let_in(make_space("large", access="open"), make_group("all", *people))
    reader = make_user()
    (card,) = cards_of(reader)
    assert (card.members, card.is_more) == (100, True)


def test_a_group_gives_the_best_role_and_the_list_says_which_group(
    make_user, make_space, make_group, let_in, seen_by
) -> None:
    anna, mona = make_user("anna"), make_user("mona")
    space = make_space("team", members={mona: "manager", anna: "reader"})
    let_in(space, make_group("ict", anna), "member")
    let_in(space, make_group("lead", anna, mona), "editor")
    found = {one.login: (one.role, one.effective, one.group) for one in seen_by(mona, space).page().members}
    assert found == {"mona": ("manager", "manager", ""), "anna": ("reader", "editor", "Team lead")}


def test_who_is_in_by_a_group_neither_joins_nor_leaves_and_is_told_why(
    make_user, make_space, make_group, let_in, seen_by
) -> None:
    anna = make_user("anna")
    space = make_space("team", access="closed", members={make_user("mona"): "manager"})
    let_in(space, make_group("ict", anna))
    assert seen_by(anna, space).join() == "already"
    with pytest.raises(SpaceError, match="by the group Team ict"):
        seen_by(anna, space).leave()


def test_a_manager_by_a_group_manages(make_user, make_space, make_group, let_in, seen_by) -> None:
    anna, erik = make_user("anna"), make_user("erik")
    space = make_space("team")
    let_in(space, make_group("lead", anna), "manager")
    theirs = seen_by(anna, space)
    assert theirs.add("erik", "editor").login == erik.login
    theirs.db.commit()
    assert [one.login for one in seen_by(erik, space).managers(size=5)] == ["anna"]


def test_a_space_keeps_a_manager_in_person_or_by_a_group(make_user, make_space, make_group, let_in, seen_by) -> None:
    anna, mona = make_user("anna"), make_user("mona")
    space = make_space("team", members={mona: "manager"})
    empty = make_group("empty", make_user("gone", state="left"), make_user("guest", kind="guest"))
    let_in(space, empty, "manager")
    alone = seen_by(mona, space)
    with pytest.raises(LastManager):
        alone.leave()
    alone.db.rollback()
    lead = make_group("lead", anna)
    let_in(space, lead, "manager")
    leaving = seen_by(mona, space)
    leaving.leave()
    leaving.db.commit()
    groups = seen_by(anna, space, GroupMembers)
    for act in (lambda: groups.remove(lead.id), lambda: groups.set_role(lead.id, "editor")):
        with pytest.raises(LastManager):
            act()
    assert [one.role for one in groups.all()] == ["manager", "manager"]


def test_a_space_whose_managing_group_is_empty_is_on_the_list_of_administrators(
    engine, make_user, make_space, make_group, let_in, db
) -> None:
    anna = make_user("anna")
    let_in(make_space("team"), make_group("lead", anna), "manager")
    assert unmanaged(engine) == []
    db.execute(delete(GroupPerson))
    db.commit()
    assert [one.slug for one in unmanaged(engine)] == ["team"]


def test_a_group_is_added_changed_and_taken_out(make_user, make_space, make_group, seen_by) -> None:
    mona = make_user("mona")
    space = make_space("team", members={mona: "manager"})
    make_group("ict", make_user())
    groups = seen_by(mona, space, GroupMembers)
    added = groups.add("group:ict", "reader")
    assert (added.role, added.people) == ("reader", 1)
    with pytest.raises(SpaceError, match="already"):
        groups.add("Team ict")
    with pytest.raises(NoSuchPerson):
        groups.add("group:nothing")
    assert groups.set_role(added.id, "editor").role == "reader"
    assert groups.remove(added.id).role == "editor"
    assert groups.all() == []


def test_who_may_decide_about_members_does_not_make_managers(
    make_user, make_space, make_group, seen_by, let_in, db
) -> None:
    mona, ed, anna = make_user("mona"), make_user("ed"), make_user("anna")
    space = make_space("team", members={mona: "manager", ed: "editor", anna: "reader"})
    lead = make_group("lead", mona)
    let_in(space, lead, "manager")
    refused = seen_by(ed, space)
    with pytest.raises(NotAllowed):
        refused.set_role(anna.id, "member")
    refused.db.rollback()
    db.add(PermissionGrant(space_id=space.id, permission="space.members", role="editor", allowed=True))
    db.commit()
    theirs = seen_by(ed, space)
    groups = GroupMembers(theirs.db, theirs.viewer, theirs.space)
    assert theirs.set_role(anna.id, "editor").role == "reader"
    for act in (
        lambda: theirs.set_role(ed.id, "manager"),
        lambda: theirs.set_role(mona.id, "reader"),
        lambda: theirs.remove(mona.id),
        lambda: theirs.add("mona", "manager"),
        lambda: groups.remove(lead.id),
        lambda: groups.add("lead", "manager"),
    ):
        with pytest.raises(NotAllowed):
            act()
