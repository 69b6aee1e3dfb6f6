"""States of accounts, guests and their sponsors, and handing over what somebody owned who left."""

from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from webtest import TestApp

from plein.admin.handover import Handover, waiting
from plein.audit.models import AuditEntry
from plein.cli import cli
from plein.content.models import Content, DormantContent, Revision
from plein.db import utcnow
from plein.jobs.context import JobContext
from plein.jobs.models import QueuedJob
from plein.people.faces import Faces
from plein.people.lifecycle import LastAdministratorError, end_everything, leave
from plein.people.links import create_link
from plein.people.models import SignInLink, SignInSession, SiteRole, User
from plein.people.reminders import remind_sponsors
from plein.people.second_factor.models import PasskeyChallenge, PendingSignIn
from plein.people.standing import today, viewer_for
from plein.spaces.models import Space


@pytest.fixture
def admin(make_user, as_user) -> TestApp:
    return as_user(make_user("root", name="Root", is_admin=True))


@pytest.fixture
def keeper(make_user, as_user, db) -> TestApp:
    person = make_user("keeper")
    db.add(SiteRole(user_id=person.id, role="people_manager"))
    db.commit()
    return as_user(person)


def read(db: Any, statement: Any) -> list[Any]:
    rows = db.execute(statement).all()
    db.rollback()
    return [row[0] if len(row) == 1 else tuple(row) for row in rows]


def press(browser: TestApp, page: str, action: str, status: int = 303, **values: Any) -> Any:
    """Send the form to *action* that stands on *page*; another button of it where *action* is only that."""
    found = browser.get(page)
    token = found.html.find("meta", attrs={"name": "csrf-token"})["content"]
    return browser.post(action, {"csrf_token": token, **values}, status=status)


@pytest.mark.parametrize("what", ["suspend", "leave"])
def test_whoever_is_stopped_is_out_on_the_next_request_and_comes_back_by_undo(
    admin: TestApp, as_user, make_user, db, what: str
) -> None:
    anna = make_user("anna", name="Anna")
    browser = as_user(anna)
    create_link(db, db.get(User, anna.id))
    db.commit()
    browser.get("/people/anna")
    page = press(admin, "/admin/users/anna", f"/admin/users/anna/{what}", reason="Lost a key").follow()
    assert browser.get("/", status="*").status_code in (303, 403)
    assert not read(db, select(SignInSession.id).where(SignInSession.user_id == anna.id))
    assert not read(db, select(SignInLink.id))
    state = {"suspend": "suspended", "leave": "left"}[what]
    assert read(db, select(User.state, User.state_reason).where(User.login == "anna")) == [(state, "Lost a key")]
    assert "Lost a key" not in str(read(db, select(AuditEntry.details)))
    undo = next(form for form in page.forms.values() if form.action.endswith("/restore"))
    undo.submit(status=303)
    assert read(db, select(User.state, User.state_reason).where(User.login == "anna")) == [("active", "")]


def test_every_table_that_lets_somebody_in_is_emptied() -> None:
    """A new way in that is not ended with the others fails here: name it in ``end_everything``, or say why not."""
    from plein.db import Base

    own = [mapper.local_table for mapper in Base.registry.mappers if mapper.class_.__module__.startswith("plein.")]
    ways = {table.name for table in own if "user_id" in table.columns}
    suspects = {
        name for name in ways if any(part in name for part in ("session", "link", "token", "sign_in", "challenge"))
    }
    ended = {table.__tablename__ for table in (SignInSession, SignInLink, PendingSignIn, PasskeyChallenge)}
    assert suspects == ended


def test_last_administrator_cannot_be_stopped(admin: TestApp, db) -> None:
    for what in ("suspend", "leave"):
        page = press(admin, "/admin/users/root", f"/admin/users/root/{what}").follow()
        assert "last administrator" in page
    with pytest.raises(LastAdministratorError):
        leave(db, db.execute(select(User).where(User.login == "root")).scalar_one())


def test_people_manager_keeps_colleagues_and_no_administrators(admin: TestApp, keeper: TestApp, make_user, db) -> None:
    make_user("anna")
    press(keeper, "/admin/users/anna", "/admin/users/anna/suspend")
    press(keeper, "/admin/users/anna", "/admin/users/anna/restore")
    for what in ("suspend", "leave", "restore", "link", "handover"):
        press(keeper, "/admin/users/anna", f"/admin/users/root/{what}", status=403)
    press(keeper, "/admin/users/anna", "/admin/users/anna", status=403, name="Anna", kind="person", is_admin="1")
    press(keeper, "/admin/users/anna", "/admin/users/keeper", status=403, name="K", kind="person", is_admin="1")
    assert read(db, select(User.is_admin).where(User.login.in_(["anna", "keeper"]))) == [False, False]


# -- guests --------------------------------------------------------------------------------------------------------


def in_days(number: int) -> str:
    return (today() + timedelta(days=number)).isoformat()


GUEST = {"login": "gast", "name": "Gast van Buiten", "kind": "guest"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "ends_on"),
        ({"ends_on": in_days(30)}, "sponsor"),
        ({"ends_on": in_days(367), "sponsor": "root"}, "ends_on"),
        ({"ends_on": in_days(30), "sponsor": "niemand"}, "sponsor"),
        ({"ends_on": in_days(30), "sponsor": "andere"}, "sponsor"),
    ],
)
def test_guest_always_has_a_last_day_and_a_colleague(admin: TestApp, make_user, values, field, db) -> None:
    make_user("andere", kind="guest")
    page = press(admin, "/admin/users/-/new", "/admin/users/-/new", status=422, **GUEST, **values)
    assert page.html.find(id=f"field-{field}-error") is not None
    assert not read(db, select(User.id).where(User.login == "gast"))


def test_guest_is_out_after_the_last_day_and_back_when_it_is_extended(
    admin: TestApp, as_user, make_user, db, count_statements
) -> None:
    anna = make_user("anna")
    press(admin, "/admin/users/-/new", "/admin/users/-/new", 200, **GUEST, ends_on=in_days(5), sponsor="anna")
    guest = db.execute(select(User).where(User.login == "gast")).scalar_one()
    guest.state = "active"
    db.commit()
    browser = as_user(guest)
    browser.get("/me/profile")
    guest.ends_on = today() - timedelta(days=1)
    db.commit()
    assert browser.get("/me/profile", status="*").status_code in (303, 403)
    press(as_user(make_user("ben")), "/people/anna", "/people/gast/extend", 403)
    press(as_user(anna), "/people/anna", "/people/gast/extend")
    assert read(db, select(User.ends_on).where(User.login == "gast")) == [today() + timedelta(days=90)]
    browser.get("/me/profile")
    press(as_user(anna), "/people/anna", "/people/gast/extend")
    press(as_user(anna), "/people/anna", "/people/gast/extend")
    for _more in range(3):
        press(as_user(anna), "/people/anna", "/people/gast/extend")
    assert read(db, select(User.ends_on).where(User.login == "gast")) == [today() + timedelta(days=365)]


def test_guest_is_marked_wherever_their_name_stands(as_user, make_user, make_space, engine) -> None:
    anna, guest = make_user("anna"), make_user("gast", name="Gast van Buiten", kind="guest")
    make_space("team", members={anna: "manager", guest: "member"})
    assert Faces(engine).at(1)[guest.id].is_guest
    browser = as_user(anna)
    assert "Guest" in browser.get("/people/gast").html.find(class_="page-head").get_text()
    row = next(
        p for p in browser.get("/spaces/team/-/members").html.select(".person") if "Gast van Buiten" in p.get_text()
    )
    assert row.find_next_sibling(class_="guest") is not None


def test_sponsor_is_told_once_two_weeks_before(site_with_mail, make_user, db, engine) -> None:
    anna = make_user("anna", name="Anna", email="anna@example.nl", locale="nl")
    for login, days in (("soon", 14), ("later", 15), ("gone", -1)):
        make_user(login, kind="guest", sponsor_id=anna.id, ends_on=today() + timedelta(days=days))
    context = JobContext(site_with_mail, viewer_for, 1, None)
    remind_sponsors(context)
    remind_sponsors(context)
    mails = read(db, select(QueuedJob.arguments).where(QueuedJob.name == "mail.send"))
    assert [(mail["to"], mail["values"]["guest"]) for mail in mails] == [("anna@example.nl", "Soon")]


@pytest.fixture
def site_with_mail(settings_values, engine) -> Any:
    from dataclasses import replace

    from plein.app import build_site

    settings_values |= {"plein.smtp_host": "127.0.0.1", "plein.mail_from": "plein@example.nl"}
    site = build_site(settings_values)
    site.engine.dispose()
    return replace(site, engine=engine)


def test_guest_of_a_colleague_who_left_is_on_the_list(admin: TestApp, make_user, db) -> None:
    anna = make_user("anna")
    make_user("gast", name="Verweesde Gast", kind="guest", sponsor_id=anna.id, ends_on=today() + timedelta(days=30))
    assert "Verweesde Gast" not in admin.get("/admin/handover")
    press(admin, "/admin/users/anna", "/admin/users/anna/leave")
    assert "Verweesde Gast" in admin.get("/admin/handover")
    assert "Guests nobody answers for: 1" in admin.get("/admin")


# -- handing over --------------------------------------------------------------------------------------------------


def write(db: Any, space: Space, owner: User, title: str, edits: dict[User, int], *, days_ago: int = 1) -> Content:
    values = {"title": title, "sort_title": title, "slug": title, "space_id": space.id, "type": "wiki.page"}
    item = DormantContent(**values, author_id=owner.id, owner_id=owner.id)
    db.add(item)
    db.flush()
    version = 0
    for who, times in edits.items():
        for _time in range(times):
            version += 1
            moment = utcnow() - timedelta(days=days_ago)
            db.add(
                Revision(content_id=item.id, version=version, title=title, body="", author_id=who.id, created_at=moment)
            )
    db.commit()
    return item


@pytest.fixture
def house(make_user, make_space, db) -> dict[str, Any]:
    """Anna, who owns things in spaces where different people would take them."""
    people = {name: make_user(name) for name in ("anna", "boss", "busy", "reader", "former", "gone")}
    people["outsider"] = make_user("outsider")
    people["guest"] = make_user("gast", kind="guest")
    members = {people["boss"]: "manager", people["busy"]: "editor", people["reader"]: "reader"}
    members |= {people["guest"]: "member", people["gone"]: "editor"}
    team = make_space("team", name="Team", access="closed", members=members)
    quiet = make_space("quiet", name="Quiet", members={people["boss"]: "manager"})
    hidden = make_space("secret", name="Koolmeesnest", access="hidden", members={people["busy"]: "manager"})
    empty = make_space("empty", name="Empty", members={people["reader"]: "reader"})
    many = {people["reader"]: 9, people["guest"]: 9, people["gone"]: 9, people["outsider"]: 9, people["busy"]: 2}
    write(db, team, people["anna"], "one", {**many, people["boss"]: 1})
    write(db, quiet, people["anna"], "two", {people["busy"]: 3}, days_ago=500)
    write(db, hidden, people["anna"], "three", {people["busy"]: 1})
    write(db, empty, people["anna"], "four", {people["reader"]: 5})
    db.execute(select(User).where(User.login == "gone")).scalar_one().state = "suspended"
    db.commit()
    return people


def owners(db: Any) -> dict[str, str]:
    return dict(read(db, select(Content.title, User.login).join(User, User.id == Content.owner_id)))


def test_proposed_is_who_wrote_most_and_may_write_or_else_the_manager(
    engine, house, viewer_of, db, count_statements
) -> None:
    known = set(read(db, select(Space.id)))
    work = Handover(engine, viewer_of(house["boss"]), house["anna"].id, known, "test")
    with count_statements() as counted:
        found = {one.name: one.login for one in work.estates()}
    assert found == {"Team": "busy", "Quiet": "boss", "Koolmeesnest": "busy", "Empty": ""}
    assert counted.total <= 2, str(counted)


def test_everything_is_handed_over_with_one_button_and_audited(admin: TestApp, house, db) -> None:
    press(admin, "/admin/users/anna", "/admin/users/anna/leave")
    assert "People who left and still own something: 1" in admin.get("/admin")
    page = admin.get("/admin/users/anna/handover")
    assert "Koolmeesnest" not in page and "A hidden space" in page
    press(admin, "/admin/users/anna/handover", "/admin/users/anna/handover")
    assert owners(db) == {"one": "busy", "two": "boss", "three": "busy", "four": "anna"}
    count = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "ownership.handed_over")
    assert read(db, count) == [3]
    assert read(db, select(AuditEntry.actor_id).where(AuditEntry.action == "ownership.handed_over"))[0] is not None
    assert read(db, select(Content.author_id).where(Content.title == "one")) == [house["anna"].id]


def test_one_space_goes_to_who_is_chosen_if_they_may_write_there(admin: TestApp, house, db, engine) -> None:
    team = read(db, select(Space.uid).where(Space.slug == "team"))[0]
    hidden = read(db, select(Space.uid).where(Space.slug == "secret"))[0]
    address = "/admin/users/anna/handover"
    for login in ("reader", "outsider", "gast", "niemand"):
        page = press(admin, address, address, 422, space=team, login=login)
        assert page.html.find(id=f"field-login-{team}-error") is not None, login
    press(admin, address, address, space=team, login="boss")
    assert owners(db)["one"] == "boss"
    # Of a hidden space nobody is chosen by who does not see it: the rule decides.
    press(admin, address, address, space=hidden, login="outsider")
    assert owners(db)["three"] == "busy"
    leave(db, db.execute(select(User).where(User.login == "anna")).scalar_one())
    db.commit()
    assert [one.login for one in waiting(engine)] == ["anna"]


def test_a_space_goes_to_a_role_that_somebody_has(admin: TestApp, house, db) -> None:
    quiet, address = read(db, select(Space.uid).where(Space.slug == "quiet"))[0], "/admin/users/anna/handover"
    press(admin, address, address, 422, space=quiet, role="editor")
    press(admin, address, address, 422, space=quiet, role="reader")
    press(admin, address, address, space=quiet, role="manager")
    assert read(db, select(Content.owner_role).where(Content.title == "two")) == ["manager"]
    press(admin, address, address, role="manager")
    assert owners(db) == {"four": "anna"}


def test_commands_suspend_restore_leave_list_and_hand_over(settings_values, house, db, engine, tmp_path) -> None:
    lines = [f"{name} = {value.replace('%', '%%')}" for name, value in settings_values.items()]
    (tmp_path / "site.ini").write_text("[app:main]\nuse = egg:plein\n" + "\n".join(lines) + "\n")

    def run(*words: str) -> Any:
        return CliRunner().invoke(cli, ["-c", str(tmp_path / "site.ini"), "user", *words])

    assert run("suspend", "anna", "--reason", "Away").exit_code == 0
    assert "anna\tAnna\tperson\tsuspended" in run("list", "--only", "suspended").output
    assert run("restore", "anna").exit_code == 0
    assert run("leave", "anna").exit_code == 0
    assert run("leave", "niemand").exit_code == 1
    shown = run("handover", "anna")
    assert "Team: 1 to busy" in shown.output and "Nothing was changed" in shown.output
    assert "Handed over: 3." in run("handover", "anna", "--yes").output
    assert owners(db)["one"] == "busy"


def test_ending_everything_leaves_others_alone(make_user, as_user, db) -> None:
    anna, ben = make_user("anna"), make_user("ben")
    as_user(anna), as_user(ben)
    end_everything(db, anna.id)
    db.commit()
    assert read(db, select(SignInSession.user_id)) == [ben.id]
