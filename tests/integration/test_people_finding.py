"""Finding people: by which words, who is found by whom, and words that stay in step with profiles."""

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from plein.people.finding import NoSuchPerson, find_group, find_person, suggest_groups, suggest_people
from plein.people.models import Group, GroupMember, GroupPerson, User
from plein.people.profile_models import UserWord
from plein.people.words import index_everybody
from plein.spaces.models import GroupMembership


def found(db: Any, viewer: Any, text: str) -> list[str]:
    return [one.value for one in suggest_people(db, viewer, text)]


@pytest.fixture
def anna(make_user) -> User:
    return make_user("anna", name="Anna de Vries", function="Adviseur", department="Zorg")


def test_every_word_that_is_typed_begins_a_word_of_the_person(session_of, viewer_of, anna, make_user) -> None:
    make_user("zoe", name="Zoë Ångström-Vries")
    db, me = session_of(anna, writes=False), viewer_of(anna)
    assert found(db, me, "vri") == ["anna", "zoe"]
    assert found(db, me, "ZOE ang") == ["zoe"]
    assert found(db, me, "advi zor") == ["anna"]
    assert found(db, me, "anna bakker") == []
    assert found(db, me, " %_ ") == []


def test_whose_name_begins_so_comes_first(session_of, viewer_of, anna, make_user) -> None:
    make_user("berta", name="Berta Anna")
    assert found(session_of(anna, writes=False), viewer_of(anna), "anna") == ["anna", "berta"]


def test_nobody_finds_who_is_suspended_or_left(session_of, viewer_of, anna, make_user) -> None:
    for state in ("suspended", "left", "invited"):
        make_user(f"x{state}", name="Xander", state=state)
    assert found(session_of(anna, writes=False), viewer_of(anna), "xander") == []
    with pytest.raises(NoSuchPerson):
        find_person(session_of(anna, writes=False), viewer_of(anna), "xsuspended")


def test_guest_finds_only_people_of_spaces_they_share(session_of, viewer_of, anna, make_user, make_space, db) -> None:
    guest, ben, chris = make_user("guest", kind="guest"), make_user("ben", name="Ben"), make_user("chris", name="Chris")
    asked = make_user("dirk", name="Dirk")
    space = make_space("team", access="hidden", members={guest: "member", ben: "member", asked: "asked"})
    make_space("other", access="open", members={anna: "member"})
    group = Group(uid="g", slug="ict", name="ICT", sort_name="ict")
    db.add(group)
    db.flush()
    db.add_all([GroupMember(group_id=group.id, user_id=chris.id), GroupPerson(group_id=group.id, user_id=chris.id)])
    db.add(GroupMembership(space_id=space.id, group_id=group.id, role="reader"))
    db.commit()
    session, me = session_of(guest, writes=False), viewer_of(guest)
    assert found(session, me, "ben") == ["ben"] and found(session, me, "chris") == ["chris"]
    assert found(session, me, "anna") == [] and found(session, me, "dirk") == []
    assert suggest_groups(session, me, "ict") == []
    with pytest.raises(NoSuchPerson):
        find_group(session, me, "group:ict")


def test_guest_does_not_find_by_what_only_colleagues_see(session_of, viewer_of, make_user, make_space) -> None:
    guest, ben = make_user("guest", kind="guest"), make_user("ben", email="uniekadres@example.nl", location="Toren")
    make_space("team", members={guest: "member", ben: "member"})
    assert found(session_of(guest, writes=False), viewer_of(guest), "uniekadres") == []
    assert found(session_of(guest, writes=False), viewer_of(guest), "toren") == []
    assert found(session_of(ben, writes=False), viewer_of(ben), "toren") == ["ben"]


@pytest.mark.parametrize("level", ["shared", "managers"])
def test_place_shown_to_fewer_people_is_no_word(session_of, viewer_of, anna, make_user, level) -> None:
    make_user("ben", location="Geheimtoren", shown_to={"location": level})
    assert found(session_of(anna, writes=False), viewer_of(anna), "geheim") == []


def test_words_follow_changes_of_an_account(session_of, viewer_of, anna, db) -> None:
    person = db.execute(select(User).where(User.login == "anna")).scalar_one()
    person.name = "Johanna Smit"
    db.commit()
    assert found(session_of(anna, writes=False), viewer_of(anna), "vries") == []
    assert found(session_of(anna, writes=False), viewer_of(anna), "smit") == ["anna"]
    assert db.scalar(select(User.sort_name)) == "johanna smit"


def test_rows_that_came_in_bulk_are_indexed_when_asked(session_of, viewer_of, anna, db) -> None:
    rows = [{"uid": f"b{n}", "login": f"bulk{n}", "name": f"Émile {n}"} for n in range(3)]
    db.execute(insert(User), rows)
    db.execute(update(User).where(User.login == "anna").values(department="Financiën"))
    assert set(db.scalars(select(User.sort_name).where(User.login.startswith("bulk")))) == {
        f"emile {n}" for n in range(3)
    }
    assert index_everybody(db) == 4
    db.commit()
    assert found(session_of(anna, writes=False), viewer_of(anna), "emile") == ["bulk0", "bulk1", "bulk2"]
    assert found(session_of(anna, writes=False), viewer_of(anna), "financien") == ["anna"]


def test_people_are_found_by_what_they_know_about(session_of, viewer_of, anna, db) -> None:
    db.get(User, anna.id).expertise = ["Wet open overheid"]
    db.commit()
    assert found(session_of(anna, writes=False), viewer_of(anna), "overheid") == ["anna"]


def test_words_go_with_their_person(anna, db) -> None:
    db.delete(db.get(User, anna.id))
    db.commit()
    assert db.scalars(select(UserWord.word)).all() == []


def test_whole_name_means_a_person_only_where_one_has_it(session_of, viewer_of, anna, make_user) -> None:
    db, me = session_of(anna, writes=False), viewer_of(anna)
    assert find_person(db, me, " anna  DE vriés ").login == "anna"
    assert find_person(db, me, "ANNA").login == "anna"
    make_user("anna2", name="Anna de Vries")
    with pytest.raises(NoSuchPerson, match="More than one"):
        find_person(session_of(anna, writes=False), me, "Anna de Vries")
    for nobody in ("", "niemand"):
        with pytest.raises(NoSuchPerson):
            find_person(db, me, nobody)


def test_groups_are_found_by_name_and_address(session_of, viewer_of, anna, db) -> None:
    for slug, name in (("ict", "ICT"), ("team-ict", "Team ICT"), ("zorg", "Zorg 100%")):
        db.add(Group(uid=slug, slug=slug, name=name, sort_name=name.lower()))
    db.commit()
    session, me = session_of(anna, writes=False), viewer_of(anna)
    assert [one.value for one in suggest_groups(session, me, "ic")] == ["group:ict", "group:team-ict"]
    assert [one.value for one in suggest_groups(session, me, "%")] == []
    assert {find_group(session, me, text).slug for text in ("group:ict", "ICT", "ict")} == {"ict"}


def test_suggesting_takes_one_statement_among_many_people(session_of, viewer_of, anna, db, count_statements) -> None:
    db.execute(insert(User), [{"uid": f"m{n}", "login": f"m{n}", "name": f"Mo {n}"} for n in range(300)])
    index_everybody(db)
    db.commit()
    session = session_of(anna, writes=False)
    with count_statements() as counted:
        assert len(suggest_people(session, viewer_of(anna), "mo")) == 8
    assert counted.total == 1, str(counted)
