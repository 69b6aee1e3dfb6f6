"""Bringing in people and groups: what is made, changed, closed and left alone, and that nothing is ever half done."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from plein.audit.models import AuditEntry
from plein.contributions import ErasedPerson
from plein.directories import GroupRecord, PersonRecord
from plein.people.directory_sync.engine import Plan, bring_in
from plein.people.directory_sync.models import DirectoryChange, DirectoryPerson, DirectoryRun
from plein.people.directory_sync.personal import forget_in_runs
from plein.people.directory_sync.report import from_json
from plein.people.directory_sync.runs import KEPT, run
from plein.people.group_rows import recompute
from plein.people.models import Group, GroupChild, GroupMember, GroupPerson, SignInSession, User
from plein.people.profile_models import PersonField, PersonValue, UserWord
from plein.people.standing import today


def person(login, **values):
    return PersonRecord(id=values.pop("id", login), login=login, name=values.pop("name", login.title()), **values)


@pytest.fixture
def sync(db):
    """``sync(*records, …)``: bring these in, all there are, and give the report."""

    def bring(*records, dry_run=False, **values):
        plan = Plan("hr", lambda _context: records, {}, **({"limit_percent": 100} | values))
        return bring_in(db, plan, dry_run=dry_run)

    return bring


def user(db, login):
    db.expire_all()
    return db.scalar(select(User).where(User.login == login))


def actions(report):
    return {(one.action, one.subject, one.reason) for one in report.changes}


def told(report):
    return [from_json(one).interpolate() for one in report.remarks]


STAFF = (
    GroupRecord("z", "Zorg"),
    GroupRecord("j", "Jeugdzorg", parent="z", kind="project"),
    person("anna", email="anna@example.nl", groups=("j",), fields={"function": "Adviseur", "phone": "+31 6 1"}),
    person("bram", manager="anna", groups=("Zorg", "Markt"), fields={"function": "", "phone": ""}),
)


def test_people_and_groups_are_made_and_a_second_time_changes_nothing(db, sync):
    report = sync(*STAFF)
    assert report.state == "done"
    assert report.counts == {"person.new": 2, "group.new": 3}
    anna, bram = user(db, "anna"), user(db, "bram")
    assert (anna.function, anna.phone, anna.email) == ("Adviseur", "+31 6 1", "anna@example.nl")
    assert (bram.manager_id, bram.state, bram.sort_name) == (anna.id, "active", "bram")
    rows = select(Group.name, User.login).join(GroupPerson, GroupPerson.group_id == Group.id).join(User)
    assert {tuple(row) for row in db.execute(rows.where(User.id == GroupPerson.user_id))} == {
        ("Zorg", "anna"), ("Jeugdzorg", "anna"), ("Zorg", "bram"), ("Markt", "bram"),
    }  # fmt: skip
    assert "adviseur" in db.scalars(select(UserWord.word).where(UserWord.user_id == anna.id)).all()
    again = sync(*STAFF)
    assert again.counts == {"person.unchanged": 2, "group.unchanged": 3}
    assert not again.changes


def test_dry_run_tells_the_same_and_changes_nothing(db, sync):
    told_first = sync(*STAFF, dry_run=True)
    assert told_first.state == "tried"
    assert db.scalar(select(func.count(User.id))) == db.scalar(select(func.count(Group.id))) == 0
    assert actions(told_first) == actions(sync(*STAFF))


def test_what_changed_is_told_by_name(db, sync):
    sync(*STAFF)
    report = sync(
        *STAFF[:2],
        person("anna", name="Anna Bos", email="anna@example.nl", groups=("j",), fields={"function": "Directeur"}),
        person("bram", manager="", groups=("Zorg",)),
    )
    changed = {one.subject: set(one.fields) for one in report.changes if one.object == "person"}
    assert changed == {"anna": {"name", "function"}, "bram": {"manager"}}
    assert user(db, "anna").sort_name == "anna bos"
    assert user(db, "anna").phone == "+31 6 1", "what the source does not speak of stays"
    assert user(db, "bram").manager_id is None
    assert db.scalar(select(func.count()).select_from(GroupMember)) == 2


def test_login_follows_the_person_and_two_may_swap(db, sync):
    sync(person("anna", id="1"), person("bram", id="2"))
    ids = user(db, "anna").id, user(db, "bram").id
    report = sync(person("bram", id="1"), person("anna", id="2"))
    assert report.counts == {"person.changed": 2}
    assert (user(db, "bram").id, user(db, "anna").id) == ids


def test_login_that_is_given_out_anew_opens_no_account_of_somebody_else(db, sync):
    sync(person("anna", id="1"), person("bram", id="2"))
    report = sync(person("anna", id="3", name="Another Anna"), person("bram", id="2"))
    assert ("skipped", "anna", "login_given_out") in actions(report)
    assert user(db, "anna").name == "Anna"
    assert user(db, "anna").state == "left", "the first one is not in the source any more"


def test_who_is_missing_is_closed_out_everywhere_and_comes_back(db, sync):
    sync(*STAFF)
    bram = user(db, "bram")
    db.add(SignInSession(token_hash="x", user_id=bram.id, expires_at=bram.created_at + timedelta(days=1)))
    db.flush()
    report = sync(*STAFF[:3])
    assert ("deactivated", "bram", "missing") in actions(report)
    assert (user(db, "bram").state, db.scalar(select(func.count(SignInSession.id)))) == ("left", 0)
    assert user(db, "bram").left_at is not None
    assert db.scalar(select(func.count()).select_from(GroupPerson).where(GroupPerson.user_id == bram.id)) == 0
    report = sync(*STAFF)
    assert ("reactivated", "bram", "back") in actions(report)
    assert (user(db, "bram").state, user(db, "bram").left_at) == ("active", None)
    assert sync(*STAFF[:3], person("bram", active=False)).counts["person.deactivated"] == 1


def test_whom_people_suspended_no_source_opens_again(db, sync):
    sync(*STAFF)
    user(db, "bram").state = "suspended"
    db.flush()
    assert sync(*STAFF).counts["person.unchanged"] == 2
    assert user(db, "bram").state == "suspended"
    sync(*STAFF[:3])
    sync(*STAFF)
    assert user(db, "bram").state == "suspended"


def test_account_by_hand_is_filled_in_and_never_closed(db, sync, make_user):
    make_user("anna", name="A.")
    report = sync(*STAFF)
    assert ("changed", "anna", "") in actions(report)
    assert user(db, "anna").name == "Anna"
    report = sync(*STAFF[:2], STAFF[3])
    assert ("kept", "anna", "by_hand") in actions(report)
    assert user(db, "anna").state == "active"


def test_last_administrator_is_never_closed(db, sync):
    sync(*STAFF)
    user(db, "bram").is_admin = True
    db.flush()
    report = sync(*STAFF[:3])
    assert ("kept", "bram", "last_admin") in actions(report)
    user(db, "anna").is_admin = True
    db.flush()
    assert ("deactivated", "bram", "missing") in actions(sync(*STAFF[:3]))


def test_guests_local_accounts_and_those_of_other_sources_are_left_alone(db, sync, make_user):
    make_user("gast", kind="guest", ends_on=today() + timedelta(days=3))
    make_user("admin", is_admin=True)
    other = make_user("carla")
    db.add(DirectoryPerson(user_id=other.id, source="ldap", external_id="9", made=True))
    db.flush()
    report = sync(person("gast"), person("admin"), person("carla"), local_only=frozenset({"admin"}))
    assert actions(report) == {
        ("skipped", "gast", "guest"), ("skipped", "admin", "local"), ("skipped", "carla", "other_source"),
    }  # fmt: skip


@pytest.mark.parametrize(("missing", "percent", "allowed", "state"), [
    (2, 10, None, "done"), (3, 10, None, "stopped"), (3, 10, 2, "stopped"), (3, 10, 3, "done"), (1, 0, None, "stopped"),
])  # fmt: skip
def test_too_many_missing_stop_everything(db, sync, missing, percent, allowed, state):
    staff = [person(f"p{number}", groups=("Team",)) for number in range(20)]
    sync(*staff)
    left = [*staff[missing:], person("new")]
    report = sync(*left, limit_percent=percent, allowed=allowed)
    assert report.state == state
    closed = db.scalar(select(func.count(User.id)).where(User.state == "left"))
    assert closed == (missing if state == "done" else 0)
    assert (user(db, "new") is not None) == (state == "done"), "nothing is half done"
    if state == "stopped":
        assert str(missing) in told(report)[-1]


def test_too_many_emptied_groups_stop_everything(db, sync):
    sync(*STAFF)
    report = sync(person("anna", groups=()), person("bram", groups=()), limit_percent=10)
    assert report.state == "stopped"
    assert db.scalar(select(func.count()).select_from(GroupMember)) == 3
    assert sync(person("anna", groups=()), person("bram", groups=()), limit_percent=10, allowed=3).state == "done"


def test_group_that_people_name_is_there_though_no_record_gives_it(db, sync):
    sync(*STAFF)
    assert not sync(*STAFF[2:], limit_percent=10).changes


def test_group_that_is_gone_keeps_its_place_and_loses_its_people(db, sync):
    sync(GroupRecord("z", "Zorg"), person("anna", groups=("z",)))
    report = sync(person("anna", groups=()))
    assert ("emptied", "z", "missing") in actions(report)
    assert db.scalar(select(func.count()).select_from(GroupPerson)) == 0
    assert db.scalar(select(Group.slug)) == "zorg"
    assert not sync(person("anna", groups=())).changes, "it is emptied once"


def test_groups_by_hand_are_never_touched(db, sync, make_user):
    carla = make_user("carla")
    mine = Group(uid="u", slug="zorg", name="Zorg", sort_name="zorg")
    db.add(mine)
    db.flush()
    db.add(GroupMember(group_id=mine.id, user_id=carla.id))
    recompute(db, [mine.id])
    sync(*STAFF)
    assert set(db.scalars(select(Group.slug))) == {"zorg", "zorg-2", "jeugdzorg", "markt"}
    assert db.scalars(select(GroupPerson.user_id).where(GroupPerson.group_id == mine.id)).all() == [carla.id]


def test_source_of_people_only_empties_no_group_and_the_other_way_round(db, sync):
    sync(*STAFF)
    report = sync(*STAFF[2:], groups=False)
    assert "group.emptied" not in report.counts
    report = sync(*STAFF[:2], GroupRecord("markt", "Markt"), people=False)
    assert "person.deactivated" not in report.counts
    assert db.scalar(select(func.count()).select_from(GroupMember)) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        person("anna\nb"),
        person("a"),
        person("anna", email="anna@example.nl\r\nBcc: x@example.nl"),
        person("anna", email="no address"),
        person("anna", name=""),
        person("anna", name="Anna\nBos"),
        person("anna", fields={"salary": "1"}),
        person("anna", fields={"phone": "1\n2"}),
        GroupRecord("a", "A", kind="club"),
        GroupRecord("a", "A", parent="nowhere"),
        GroupRecord("a", "A", parent="a"),
        GroupRecord("a", ""),
    ],
    ids=lambda one: repr(one)[12:60],
)
def test_mistake_is_told_and_nothing_at_all_is_done(db, sync, wrong):
    report = sync(person("carla"), wrong)
    assert report.state == "refused"
    assert len(report.remarks) == 1
    assert db.scalar(select(func.count(User.id))) == 0


def test_two_of_one_login_are_refused_with_both_lines_and_two_of_one_name_are_not(db, sync):
    report = sync(person("anna", id="1", line=2), person("ANNA", id="2", line=9))
    assert report.state == "refused"
    assert "2" in told(report)[0] and "9" in told(report)[0]
    assert sync(person("jan1", name="Jan Jansen"), person("jan2", name="Jan Jansen")).counts["person.new"] == 2


def test_circle_of_groups_is_refused(sync):
    circle = [GroupRecord(one, one, parent=other) for one, other in (("a", "b"), ("b", "c"), ("c", "a"))]
    assert sync(*circle).state == "refused"


def test_nesting_follows_the_source(db, sync):
    sync(GroupRecord("a", "A"), GroupRecord("b", "B", parent="a"), person("anna", groups=("b",)))
    assert db.scalar(select(func.count()).select_from(GroupPerson)) == 2
    sync(GroupRecord("a", "A"), GroupRecord("b", "B", parent=""), person("anna", groups=("b",)))
    assert db.scalar(select(func.count()).select_from(GroupChild)) == 0
    assert db.scalar(select(func.count()).select_from(GroupPerson)) == 1


def test_declared_fields_are_filled_only_where_the_directory_may(db, sync):
    for name, filler in (("room", "directory"), ("hobby", "person")):
        db.add(PersonField(name=name, title=name, filled_by=filler))
    db.flush()
    assert sync(person("anna", fields={"hobby": "x"})).state == "refused"
    sync(person("anna", fields={"room": "1.12"}))
    assert db.scalar(select(PersonValue.value)) == "1.12"
    assert sync(person("anna", fields={"room": "1.12"})).counts == {"person.unchanged": 1}
    assert sync(person("anna", fields={"room": ""})).changes[0].fields == ("room",)
    assert db.scalar(select(PersonValue.value)) is None


def test_unknown_manager_is_remarked_and_left_out(db, sync):
    report = sync(person("anna", manager="nobody"), person("bram", manager="bram"))
    assert report.state == "done"
    assert len(report.remarks) == 2
    assert sync(person("anna", manager="nobody"), person("bram", manager="bram")).counts == {"person.unchanged": 2}


def test_run_is_kept_with_what_it_did_and_audited_and_old_ones_go(db, make_user):
    def failing(_context):
        raise OSError("no answer")

    kept = run(db, Plan("hr", lambda _context: STAFF, {}), dry_run=False)
    assert (kept.state, kept.counts["person.new"]) == ("done", 2)
    assert [one.object for one in db.scalars(select(DirectoryChange))] == ["group"] * 3 + ["person"] * 2
    failed = run(db, Plan("hr", failing, {}), dry_run=False)
    assert failed.state == "failed" and "OSError" in failed.remarks[0]["values"]["error"]
    tried = run(db, Plan("hr", lambda _context: STAFF, {}), dry_run=True)
    db.commit()
    recorded = [entry.action for entry in db.scalars(select(AuditEntry).order_by(AuditEntry.number))]
    assert recorded.count("account.created") == 2
    assert recorded.count("group.created") == 3
    assert [one for one in recorded if one.startswith("directory.")] == [
        "directory.done", "directory.failed", "directory.tried",
    ]  # fmt: skip
    assert tried.counts == {"person.unchanged": 2, "group.unchanged": 3}
    for _number in range(KEPT + 5):
        run(db, Plan("hr", lambda _context: (), {}, people=False, groups=False), dry_run=True)
    assert db.scalar(select(func.count(DirectoryRun.id))) == KEPT


@pytest.mark.parametrize("number", [50, 400])
def test_as_many_statements_for_many_as_for_few(db, sync, count_statements, number):
    staff = [GroupRecord("g", "G"), *(person(f"p{one}", groups=("g",), manager="p0") for one in range(number))]
    with count_statements() as counted:
        sync(*staff)
    made = counted.total
    with count_statements() as counted:
        sync(*staff)
    assert made <= 40 + number // 200 * 8
    assert counted.total <= 20, str(counted)


def test_somebody_who_is_erased_is_nobody_in_reports(db, sync):
    run(db, Plan("hr", lambda _context: STAFF, {}), dry_run=False)
    anna = user(db, "anna")
    forget_in_runs(db, ErasedPerson(anna.id, "anna", "Anna", "", "oud-collega-1"))
    named = db.scalars(select(DirectoryChange.name).where(DirectoryChange.object == "person")).all()
    assert sorted(named) == ["Bram", "oud-collega-1"]
