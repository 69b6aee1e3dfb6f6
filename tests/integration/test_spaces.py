"""The rules of spaces and of belonging to one, on both databases."""

import re
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plein.admin.unmanaged import appoint, unmanaged
from plein.people.models import User
from plein.security.viewer import ANONYMOUS
from plein.spaces.errors import Gone, LastManager, NoSuchPerson, NotAllowed, SpaceError
from plein.spaces.joining import Joining
from plein.spaces.models import Membership, Space
from plein.spaces.services import SpaceService


@pytest.fixture
def spaces_for(session_of, viewer_of) -> Callable[[User], SpaceService]:
    return lambda user: SpaceService(session_of(user), viewer_of(user))


@pytest.fixture
def members_for(session_of, viewer_of) -> Callable[[User, Space], Joining]:
    """The members of a space, for a person who may know of it; in a session of that person's own."""

    def make(user: User, space: Space) -> Joining:
        db = session_of(user)
        found = db.get(Space, space.id)
        assert found is not None
        return Joining(db, viewer_of(user), found)

    return make


def role_of(db: Session, space: Space, user: User) -> str | None:
    """The role as it is stored, in a transaction of this moment that locks nothing afterwards."""
    db.rollback()
    role = db.scalar(select(Membership.role).where(Membership.space_id == space.id, Membership.user_id == user.id))
    db.rollback()
    return role


def names(page: Any) -> list[str]:
    return [card.name for card in page.cards]


# Starting a space


def test_who_starts_a_space_manages_it(spaces_for, make_user, db) -> None:
    anna = make_user("anna")
    service = spaces_for(anna)
    space = service.create(name="  Green   roofs ", purpose="How we make them")
    service.db.commit()
    assert (space.name, space.slug, space.access) == ("Green roofs", "green-roofs", "open")
    assert role_of(db, space, anna) == "manager"


def test_spaces_of_the_same_name_get_addresses_of_their_own(spaces_for, make_user) -> None:
    service = spaces_for(make_user())
    assert [service.create(name="IT").slug for _ in range(3)] == ["it", "it-2", "it-3"]


def test_many_spaces_of_the_same_name_still_get_an_address(spaces_for, make_user) -> None:
    service = spaces_for(make_user())
    slugs = {service.create(name="IT").slug for _ in range(8)}
    assert len(slugs) == 8


def test_a_name_without_letters_still_gets_an_address(spaces_for, make_user) -> None:
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", spaces_for(make_user()).create(name="???").slug)


def test_the_address_of_a_hidden_space_cannot_be_found_by_its_name(spaces_for, make_user) -> None:
    service = spaces_for(make_user())
    hidden = service.create(name="Reorganisation", access="hidden")
    assert len(hidden.slug.removeprefix("reorganisation-")) == 6
    service.db.commit()
    # Nor does the address of another space of that name tell that there is a hidden one.
    assert spaces_for(make_user()).create(name="Reorganisation").slug == "reorganisation"


def test_a_guest_starts_no_space(spaces_for, make_user) -> None:
    with pytest.raises(NotAllowed):
        spaces_for(make_user(kind="guest")).create(name="Mine")


def test_who_is_not_signed_in_starts_no_space(session_of) -> None:
    with pytest.raises(NotAllowed):
        SpaceService(session_of(ANONYMOUS), ANONYMOUS).create(name="Mine")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "n" * 81}, "name"),
        ({"name": "A", "purpose": "p" * 501}, "purpose"),
        ({"name": "A", "access": "secret"}, "access"),
        ({"name": "A", "language": "xx"}, "language"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(spaces_for, make_user, values, field) -> None:
    with pytest.raises(SpaceError) as caught:
        spaces_for(make_user()).create(**values)
    assert caught.value.field == field


# Changing it


def test_only_a_manager_changes_a_space(spaces_for, make_user, make_space) -> None:
    anna, erik = make_user("anna"), make_user("erik")
    space = make_space("team", members={anna: "manager", erik: "editor"})
    wanted = {"name": "Our team", "purpose": "", "access": "closed", "language": "nl"}
    refused = spaces_for(erik)
    with pytest.raises(NotAllowed):
        refused.update(refused.get("team"), **wanted)
    refused.db.close()
    service = spaces_for(anna)
    found = service.get("team")
    assert service.update(found, **wanted) is True
    assert (found.name, found.access, found.slug) == ("Our team", "closed", space.slug)
    assert service.update(found, **wanted) is False


# The list


def test_the_list_holds_what_the_viewer_may_know_of(spaces_for, make_user, make_space) -> None:
    anna, guest = make_user("anna"), make_user("gast", kind="guest")
    make_space("open-one", access="open")
    make_space("closed-one", access="closed")
    make_space("hidden-one", access="hidden")
    make_space("hidden-mine", access="hidden", members={anna: "reader", guest: "reader"})
    service = spaces_for(anna)
    assert names(service.page()) == ["Closed-One", "Hidden-Mine", "Open-One"]
    assert names(service.page(mine=True)) == ["Hidden-Mine"]
    service.db.close()
    assert names(spaces_for(guest).page()) == ["Hidden-Mine"]


def test_a_request_does_not_make_a_space_mine(spaces_for, make_user, make_space) -> None:
    anna = make_user("anna")
    make_space("club", access="closed", members={anna: "asked", make_user(): "manager"})
    service = spaces_for(anna)
    assert service.page(mine=True).cards == []
    card = service.page().cards[0]
    assert (card.role, card.members) == ("asked", 1)


def test_the_list_goes_on_where_it_stopped(spaces_for, make_user, make_space) -> None:
    anna = make_user("anna")
    for name in ("Delta", "alpha", "Bravo", "charlie", "bravo"):
        make_space(name=name)
    service = spaces_for(anna)
    found, after = [], ""
    while True:
        page = service.page(after=after, size=2)
        found += [name.lower() for name in names(page)]
        after = page.after
        if not after:
            break
    assert found == ["alpha", "bravo", "bravo", "charlie", "delta"]


@pytest.mark.parametrize("after", ["x", "1", ".", "99999999999999999999.a", "²³.a", "-1.b"])
def test_a_senseless_place_in_the_list_is_no_error(spaces_for, make_user, make_space, after) -> None:
    make_space("team")
    page = spaces_for(make_user()).page(after=after)
    assert names(page) in (["Team"], [])


def test_spaces_are_found_by_a_part_of_their_name(spaces_for, make_user, make_space) -> None:
    make_space(name="Green roofs")
    make_space(name="100% digital")
    service = spaces_for(make_user())
    assert names(service.page(text="ROOF")) == ["Green roofs"]
    assert names(service.page(text="%")) == ["100% digital"]


def test_the_list_takes_one_statement_however_long_it_is(spaces_for, make_user, make_space, count_statements) -> None:
    anna = make_user("anna")
    for _number in range(12):
        make_space(members={anna: "member"})
    service = spaces_for(anna)
    with count_statements() as counted:
        assert len(service.page().cards) == 12
    assert counted.total == 1, str(counted)


# Joining and leaving


def test_joining_an_open_space_is_immediate(members_for, make_user, make_space, db) -> None:
    anna = make_user("anna")
    space = make_space("team", access="open")
    members = members_for(anna, space)
    assert members.join() == "joined"
    assert members.join() == "already"
    members.db.commit()
    assert role_of(db, space, anna) == "member"


def test_joining_a_closed_space_is_a_request(members_for, make_user, make_space, db) -> None:
    anna, mona = make_user("anna"), make_user("mona")
    space = make_space("club", access="closed", members={mona: "manager"})
    mine = members_for(anna, space)
    assert mine.join() == "asked"
    mine.db.commit()
    theirs = members_for(mona, space)
    assert [one.name for one in theirs.requests()] == ["Anna"]
    assert theirs.count() == 1
    assert theirs.count_requests() == 1
    theirs.approve(anna.id)
    theirs.db.commit()
    assert role_of(db, space, anna) == "member"


def test_a_declined_request_says_so_and_may_be_made_again(members_for, make_user, make_space, db) -> None:
    anna, mona = make_user("anna"), make_user("mona")
    space = make_space("club", access="closed", members={mona: "manager", anna: "asked"})
    theirs = members_for(mona, space)
    theirs.decline(anna.id)
    with pytest.raises(Gone):
        theirs.approve(anna.id)
    assert theirs.requests() == []
    theirs.db.commit()
    assert role_of(db, space, anna) == "declined"
    assert members_for(anna, space).join("I am the new one") == "asked"


def test_a_member_cannot_be_declined(members_for, make_user, make_space) -> None:
    anna, mona = make_user("anna"), make_user("mona")
    space = make_space("club", members={mona: "manager", anna: "editor"})
    with pytest.raises(Gone):
        members_for(mona, space).decline(anna.id)


def test_a_hidden_space_takes_no_requests(session_of, viewer_of, make_user, make_space) -> None:
    anna = make_user("anna")
    hidden = make_space("secret", access="hidden")
    with pytest.raises(NotAllowed):
        Joining(session_of(anna), viewer_of(anna), hidden).join()


def test_a_guest_does_not_join_by_themselves(session_of, viewer_of, make_user, make_space) -> None:
    guest = make_user(kind="guest")
    with pytest.raises(NotAllowed):
        Joining(session_of(guest), viewer_of(guest), make_space("team")).join()


def test_leaving_tells_what_was_given_up(members_for, make_user, make_space, db) -> None:
    anna = make_user("anna")
    space = make_space("team", members={anna: "editor", make_user(): "manager"})
    members = members_for(anna, space)
    assert members.leave() == "editor"
    with pytest.raises(Gone):
        members.leave()
    members.db.commit()
    assert role_of(db, space, anna) is None


def test_a_request_can_be_taken_back(members_for, make_user, make_space) -> None:
    anna = make_user("anna")
    space = make_space("club", access="closed", members={anna: "asked"})
    assert members_for(anna, space).leave() == "asked"


def test_the_last_manager_cannot_leave_step_down_or_be_removed(members_for, make_user, make_space) -> None:
    mona = make_user("mona")
    space = make_space("team", members={mona: "manager", make_user("anna"): "member"})
    members = members_for(mona, space)
    with pytest.raises(LastManager):
        members.leave()
    with pytest.raises(LastManager):
        members.set_role(mona.id, "editor")
    with pytest.raises(LastManager):
        members.remove(mona.id)


def test_a_suspended_manager_does_not_count_as_one(members_for, make_user, make_space) -> None:
    mona = make_user("mona")
    space = make_space("team", members={mona: "manager", make_user("away", state="suspended"): "manager"})
    with pytest.raises(LastManager):
        members_for(mona, space).leave()


def test_two_managers_who_leave_at_once_do_not_both_get_away(session_of, viewer_of, make_user, make_space, db) -> None:
    managers = [make_user("mona"), make_user("max")]
    space = make_space("team", members=dict.fromkeys(managers, "manager"))
    start, outcomes = Barrier(2), []

    def leave(user: User) -> None:
        session = session_of(user)
        start.wait()
        try:
            Joining(session, viewer_of(user), space).leave()
            session.commit()
            outcomes.append("left")
        except LastManager:
            session.rollback()
            outcomes.append("stayed")

    threads = [Thread(target=leave, args=(user,)) for user in managers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["left", "stayed"]
    db.rollback()
    assert db.scalar(select(func.count(Membership.user_id)).where(Membership.space_id == space.id)) == 1


def test_joining_twice_at_once_is_joining_once(session_of, viewer_of, make_user, make_space, db) -> None:
    anna = make_user("anna")
    space = make_space("team")
    start, outcomes = Barrier(2), []

    def join() -> None:
        session = session_of(anna)
        start.wait()
        outcomes.append(Joining(session, viewer_of(anna), space).join())
        session.commit()

    threads = [Thread(target=join) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already", "joined"]
    assert role_of(db, space, anna) == "member"


# What managers do


def test_only_managers_decide_about_members(members_for, make_user, make_space) -> None:
    anna, mona, other = make_user("anna"), make_user("mona"), make_user("other")
    space = make_space("team", members={anna: "editor", mona: "manager", other: "asked"})
    members = members_for(anna, space)
    for act in (
        lambda: members.add("other"),
        lambda: members.approve(other.id),
        lambda: members.decline(other.id),
        lambda: members.set_role(anna.id, "manager"),
        lambda: members.remove(mona.id),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_people_are_added_by_login_or_by_name(members_for, make_user, make_space, db) -> None:
    mona, anna, bob = make_user("mona"), make_user("anna", name="Anna de Wit"), make_user("bob", name="Bob")
    space = make_space("team", access="hidden", members={mona: "manager"})
    members = members_for(mona, space)
    members.add(" ANNA ", "editor")
    members.add("bob", "reader")
    members.db.commit()
    assert (role_of(db, space, anna), role_of(db, space, bob)) == ("editor", "reader")


def test_adding_who_asked_lets_them_in(members_for, make_user, make_space, db) -> None:
    mona, anna = make_user("mona"), make_user("anna")
    space = make_space("club", access="closed", members={mona: "manager", anna: "asked"})
    members = members_for(mona, space)
    members.add("anna", "editor")
    members.db.commit()
    assert role_of(db, space, anna) == "editor"


def test_nobody_ambiguous_suspended_or_twice_is_added(members_for, make_user, make_space) -> None:
    mona = make_user("mona")
    make_user("jan1", name="Jan Smit")
    make_user("jan2", name="Jan Smit")
    make_user("away", state="suspended")
    space = make_space("team", members={mona: "manager", make_user("anna"): "member"})
    members = members_for(mona, space)
    for who in ("", "nobody", "jan smit", "away"):
        with pytest.raises(NoSuchPerson) as caught:
            members.add(who)
        assert caught.value.field == "who"
    with pytest.raises(SpaceError, match="already a member"):
        members.add("anna")


def test_a_guest_never_manages_a_space(members_for, make_user, make_space) -> None:
    mona, guest = make_user("mona"), make_user("guest", kind="guest")
    members = members_for(mona, make_space("team", members={mona: "manager"}))
    with pytest.raises(SpaceError):
        members.add("guest", "manager")
    members.add("guest", "reader")
    with pytest.raises(SpaceError):
        members.set_role(guest.id, "manager")


def test_a_role_is_changed_and_the_one_before_is_told(members_for, make_user, make_space, db) -> None:
    mona, anna = make_user("mona"), make_user("anna")
    space = make_space("team", members={mona: "manager", anna: "reader"})
    members = members_for(mona, space)
    assert members.set_role(anna.id, "manager").role == "reader"
    assert members.set_role(mona.id, "editor").role == "manager"
    members.db.commit()
    assert (role_of(db, space, anna), role_of(db, space, mona)) == ("manager", "editor")


def test_who_is_not_in_the_space_has_no_role_to_change(members_for, make_user, make_space) -> None:
    mona, anna, asked = make_user("mona"), make_user("anna"), make_user("asked")
    members = members_for(mona, make_space("team", members={mona: "manager", asked: "asked"}))
    for user in (anna, asked):
        with pytest.raises(Gone):
            members.set_role(user.id, "editor")
    with pytest.raises(Gone):
        members.remove(anna.id)
    with pytest.raises(SpaceError):
        members.set_role(mona.id, "king")


def test_members_are_listed_by_role_and_name_in_parts(members_for, make_user, make_space) -> None:
    mona = make_user("mona")
    people = {mona: "manager"} | {make_user(f"p{number}"): "member" for number in (3, 1, 2)}
    people |= {make_user("ed"): "editor", make_user("asked"): "asked"}
    members = members_for(mona, make_space("team", members=people))
    found, after = [], ""
    while True:
        page = members.page(after=after, size=2)
        found += [one.login for one in page.members]
        after = page.after
        if not after:
            break
    assert found == ["mona", "ed", "p1", "p2", "p3"]
    assert members.page(after="nonsense").members[0].login == "mona"


# Spaces that nobody manages


def test_spaces_without_a_manager_are_found_and_the_hidden_ones_not_named(engine, make_user, make_space) -> None:
    away = make_user("away", state="suspended")
    make_space("managed", members={make_user(): "manager"})
    make_space("left", members={away: "manager", make_user(): "member"})
    make_space("secret", name="Secret plan", access="hidden", members={away: "manager"})
    found = unmanaged(engine)
    assert [(one.slug, one.name, one.members) for one in found] == [("left", "Left", 1), (None, None, 0)]


def test_an_administrator_appoints_a_manager_where_none_is_left(engine, make_user, make_space, viewer_of, db) -> None:
    admin, anna = make_user("admin", is_admin=True), make_user("anna")
    space = make_space("left")
    with pytest.raises(NoSuchPerson):
        appoint(engine, viewer_of(admin), space.uid, "nobody", origin="192.0.2.1")
    assert appoint(engine, viewer_of(admin), space.uid, "Anna", origin="192.0.2.1") == "Anna"
    assert role_of(db, space, anna) == "manager"
    with pytest.raises(Gone):
        appoint(engine, viewer_of(admin), space.uid, "admin", origin="192.0.2.1")


def test_a_hidden_space_only_gets_one_of_its_own_as_manager(engine, make_user, make_space, viewer_of, db) -> None:
    admin, anna, ed = make_user("admin", is_admin=True), make_user("anna"), make_user("ed")
    space = make_space("secret", access="hidden", members={anna: "member", ed: "editor"})
    assert appoint(engine, viewer_of(admin), space.uid, "admin", origin="192.0.2.1") == ""
    assert role_of(db, space, ed) == "manager"
    assert role_of(db, space, admin) is None
    empty = make_space("empty", access="hidden", members={make_user(): "asked"})
    with pytest.raises(NoSuchPerson):
        appoint(engine, viewer_of(admin), empty.uid, "admin", origin="192.0.2.1")
