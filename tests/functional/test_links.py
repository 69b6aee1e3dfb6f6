"""Links that work once: invitations and other passwords, mailed or handed over, and what they say when they end."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from known_password import PASSWORD, PASSWORD_HASH
from sqlalchemy import select, update
from webtest import TestApp

from plein.audit.models import AuditEntry
from plein.db import open_session, utcnow
from plein.jobs.context import JobContext
from plein.jobs.models import QueuedJob
from plein.people import passwords
from plein.people.link_mail import send_link
from plein.people.links import create_link
from plein.people.models import SignInLink, SignInSession, User
from plein.people.standing import viewer_for

ANOTHER = "boom kast wolk regen"
MAIL = {"plein.smtp_host": "127.0.0.1", "plein.smtp_tls": "off", "plein.mail_from": "plein@example.nl"}


@pytest.fixture
def anna(make_user) -> User:
    return make_user("anna", name="Anna", email="anna@example.nl", password_hash=PASSWORD_HASH)


@pytest.fixture
def mailing(settings_values: dict[str, str], request: pytest.FixtureRequest) -> TestApp:
    settings_values.update(MAIL)
    app: TestApp = request.getfixturevalue("app")
    return app


def form_to(page: Any, action: str) -> Any:
    return next(form for form in page.forms.values() if form.action == action)


def run_links(app: TestApp, engine) -> list[dict[str, Any]]:
    """Does the waiting jobs that mail links; the mails that come of them."""
    with open_session(engine) as db:
        waiting = db.execute(
            select(QueuedJob.id, QueuedJob.arguments).where(QueuedJob.name == "people.send_link")
        ).all()
    site = _Site(app.app.registry, engine)
    for number, arguments in waiting:
        send_link(JobContext(site, viewer_for, number, None), **arguments)
    with open_session(engine) as db:
        return list(db.scalars(select(QueuedJob.arguments).where(QueuedJob.name == "mail.send")))


class _Site:
    def __init__(self, registry: Any, engine: Any) -> None:
        self.settings, self.plugins, self.engine = registry["plein.settings"], registry["plein.plugins"], engine
        self.blobs = None


def path_in(mail: dict[str, Any]) -> str:
    return str(mail["values"]["address"]).removeprefix("http://127.0.0.1:6543")


def choose(page: Any, password: str = ANOTHER, repeat: str = "", **options: Any) -> Any:
    form = next(form for form in page.forms.values() if "new_password" in form.fields)
    form["new_password"], form["repeat_password"] = password, repeat or password
    return form.submit(**options)


def ask(app: TestApp, login: str, status: int = 200) -> Any:
    form = form_to(app.get("/sign-in/forgot"), "/sign-in/forgot")
    form["login"] = login
    return form.submit(status=status)


# -- forgotten --------------------------------------------------------------------------------------------------------


def test_link_for_another_password_is_mailed_and_works_once(mailing: TestApp, anna: User, engine, db) -> None:
    old = TestApp(mailing.app, extra_environ=mailing.extra_environ)
    form = form_to(old.get("/sign-in"), "/sign-in")
    form["login"], form["password"] = "anna", PASSWORD
    form.submit(status=303)
    ask(mailing, "anna")
    (mail,) = run_links(mailing, engine)
    assert mail["to"] == "anna@example.nl"
    page = mailing.get(path_in(mail), status=200)
    assert db.execute(select(SignInLink.used_at)).scalar_one() is None
    db.rollback()
    choose(page, status=303).follow(status=200)
    old.get("/people", status=303)
    db.expire_all()
    assert passwords.verify_password(db.execute(select(User.password_hash)).scalar_one(), ANOTHER)
    again = TestApp(mailing.app, extra_environ=mailing.extra_environ).get(path_in(mail), status=410)
    assert "no longer works" in again and "Have a new one mailed to you" in again


def test_address_works_as_a_name_too(mailing: TestApp, anna: User, engine) -> None:
    ask(mailing, " Anna@Example.NL ")
    assert [mail["to"] for mail in run_links(mailing, engine)] == ["anna@example.nl"]


def test_address_of_two_people_is_nobodys(mailing: TestApp, anna: User, make_user, engine) -> None:
    make_user("bob", email="anna@example.nl", password_hash=PASSWORD_HASH)
    ask(mailing, "anna@example.nl")
    assert run_links(mailing, engine) == []


def test_answer_and_what_is_written_are_the_same_for_every_name(mailing: TestApp, anna: User, count_statements) -> None:
    ask(mailing, "warm")
    seen = []
    for login in ("anna", "nobody", "somebody@example.org"):
        with count_statements() as counted:
            page = ask(mailing, login)
        seen.append((page.html.find("section", class_="sign-in").get_text(), counted.total))
    assert len(set(seen)) == 1


@pytest.mark.parametrize(
    "values",
    [{"state": "suspended"}, {"state": "left"}, {"password_hash": ""}, {"email": ""}, {"ends_on": date(2020, 1, 1)}],
    ids=lambda values: next(iter(values)),
)
def test_no_mail_for_an_account_that_has_no_password_to_forget(
    mailing: TestApp, anna: User, db, engine, values: dict[str, Any]
) -> None:
    db.execute(update(User).values(**values))
    db.commit()
    ask(mailing, "anna")
    assert run_links(mailing, engine) == []


def test_name_that_was_typed_is_stored_nowhere(mailing: TestApp, anna: User, db) -> None:
    ask(mailing, "mijn geheime wachtwoord")
    stored = [*db.scalars(select(QueuedJob.arguments)), *db.scalars(select(AuditEntry.details))]
    assert "geheime" not in json.dumps(stored) and "geheime" not in str(db.scalars(select(QueuedJob.key)).all())


def test_asking_is_limited_for_an_account_and_for_an_address(mailing: TestApp, anna: User) -> None:
    for _again in range(5):
        ask(mailing, "anna")
    ask(mailing, "anna", status=429)
    for number in range(20):
        ask(mailing, f"person{number}")
    ask(mailing, "someone", status=429)


def test_without_mail_people_are_told_whom_to_ask(app: TestApp, anna: User, db) -> None:
    assert "Ask an administrator for a link" in app.get("/sign-in/forgot")
    assert "An administrator can give you a link" in app.get("/sign-in")
    token = form_to(app.get("/sign-in"), "/sign-in")["csrf_token"].value
    app.post("/sign-in/forgot", {"login": "anna", "csrf_token": token}, status=422)
    assert not db.execute(select(QueuedJob.id)).all()


# -- the page of a link -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "repeat", "sentence"),
    [
        ("kort", "", "Use at least 12 characters."),
        ("Gemeente2026!!", "", "made of your own name or that of the site"),
        (ANOTHER, "iets anders", "The two are not the same."),
    ],
)
def test_password_that_will_not_do_leaves_the_link_as_it_is(
    settings_values, request, anna: User, db, password: str, repeat: str, sentence: str
) -> None:
    settings_values["plein.password_words"] = "gemeente utrecht"
    app = request.getfixturevalue("app")
    token = create_link(db, anna, purpose="reset")
    db.commit()
    page = choose(app.get(f"/sign-in/link/{token}"), password, repeat, status=422)
    assert sentence in page
    assert password not in page
    db.expire_all()
    assert db.execute(select(SignInLink.used_at)).scalar_one() is None
    assert not db.execute(select(SignInSession.id)).all()


def test_each_end_of_a_link_is_told_apart(mailing: TestApp, anna: User, db) -> None:
    token = create_link(db, anna, purpose="reset")
    db.commit()
    for change, sentence in (
        ({"used_at": utcnow()}, "It has been used already."),
        ({"used_at": None, "expires_at": utcnow() - timedelta(minutes=1)}, "It is too old."),
    ):
        db.execute(update(SignInLink).values(**change))
        db.commit()
        assert sentence in mailing.get(f"/sign-in/link/{token}", status=410)
    db.execute(update(SignInLink).values(expires_at=utcnow() + timedelta(hours=1)))
    db.execute(update(User).values(state="suspended"))
    db.commit()
    assert "does not work at this moment" in mailing.get(f"/sign-in/link/{token}", status=410)
    assert "a newer one has been made" in mailing.get(f"/sign-in/link/{'x' * 43}", status=410)


def test_refused_link_stands_in_the_audit_log(app: TestApp, anna: User, db) -> None:
    token = create_link(db, anna)
    db.commit()
    form = form_to(app.get(f"/sign-in/link/{token}"), f"/sign-in/link/{token}")
    db.execute(update(SignInLink).values(used_at=utcnow()))
    db.commit()
    form.submit(status=410)
    entry = db.execute(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)).scalar_one()
    assert (entry.action, entry.result, entry.details["reason"]) == ("session.refused", "refused", "link_used")


# -- invitations ------------------------------------------------------------------------------------------------------


def invite(browser: TestApp, email: str) -> Any:
    form = form_to(browser.get("/admin/users/-/new"), "/admin/users/-/new")
    form["login"], form["name"], form["email"] = "eva", "Eva", email
    return form.submit(status="*")


def test_invitation_is_mailed_and_makes_the_account_active(mailing: TestApp, as_user, make_user, engine, db) -> None:
    answer = invite(as_user(make_user("ada", is_admin=True)), "eva@example.nl")
    assert answer.status_int == 303
    assert "Eva gets an invitation at eva@example.nl." in answer.follow()
    assert db.execute(select(User.state).where(User.login == "eva")).scalar_one() == "invited"
    db.rollback()
    (mail,) = run_links(mailing, engine)
    assert (mail["to"], mail["template"]) == ("eva@example.nl", "plein:templates/mail/invitation.pt")
    choose(mailing.get(path_in(mail), status=200), status=303)
    assert db.execute(select(User.state).where(User.login == "eva")).scalar_one() == "active"
    actions = db.scalars(select(AuditEntry.action)).all()
    assert {"account.link_mailed", "account.activated", "password.changed", "session.started"} <= set(actions)


def test_without_mail_the_administrator_gets_the_link(app: TestApp, as_user, make_user) -> None:
    page = invite(as_user(make_user("ada", is_admin=True)), "eva@example.nl")
    link = page.html.find("input", {"id": "field-link"})["value"]
    choose(app.get(link.removeprefix("http://127.0.0.1:6543")), status=303)


def test_invited_person_cannot_come_in_by_password(app: TestApp, make_user, db) -> None:
    make_user("eva", state="invited", password_hash=PASSWORD_HASH)
    form = form_to(app.get("/sign-in"), "/sign-in")
    form["login"], form["password"] = "eva", PASSWORD
    form.submit(status=422)


def test_job_that_runs_again_leaves_one_link_that_works(mailing: TestApp, anna: User, engine, db) -> None:
    ask(mailing, "anna")
    run_links(mailing, engine)
    first, second = run_links(mailing, engine)
    mailing.get(path_in(first), status=410)
    mailing.get(path_in(second), status=200)
