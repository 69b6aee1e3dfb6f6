"""Where somebody is signed in, how, and what happened with their account."""

from typing import Any

import pytest
from known_password import PASSWORD, PASSWORD_HASH
from sqlalchemy import func, insert, select
from webtest import TestApp

from plein.audit.models import AuditEntry
from plein.db import utcnow
from plein.people.devices import HISTORY, history
from plein.people.models import SignInSession, User


@pytest.fixture
def anna(make_user) -> User:
    return make_user("anna", password_hash=PASSWORD_HASH)


def sign_in(app: TestApp, password: str = PASSWORD, status: int = 303) -> TestApp:
    browser = TestApp(app.app, extra_environ=app.extra_environ)
    form = next(form for form in browser.get("/sign-in").forms.values() if form.action == "/sign-in")
    form["login"], form["password"] = "anna", password
    form.submit(status=status, headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    return browser


def rows_below(page: Any, heading: str) -> list[str]:
    table = page.html.find(attrs={"aria-labelledby": heading}).find("tbody")
    return [" ".join(row.get_text(" ").split()) for row in table.find_all("tr")]


def test_device_says_how_it_was_signed_in(app: TestApp, as_user, anna: User) -> None:
    as_user(anna)
    page = sign_in(app).get("/me/sessions")
    assert "Firefox, Linux" in page and "Name and password" in page and "This device" in page
    assert "Second factor" in page


def test_history_tells_what_happened_also_what_was_refused(app: TestApp, anna: User) -> None:
    sign_in(app, "wrong", status=422)
    browser = sign_in(app)
    told = rows_below(browser.get("/me/sessions"), "history")
    assert "Signed in Name and password" in told[0]
    assert "Sign-in refused Name and password" in told[1]


def test_history_is_one_s_own(app: TestApp, anna: User, make_user, as_user) -> None:
    sign_in(app)
    page = as_user(make_user("bob")).get("/me/sessions")
    assert not page.html.find(id="history")


def test_ending_a_device_stands_in_the_audit_log(app: TestApp, as_user, anna: User, db) -> None:
    as_user(anna)
    browser = sign_in(app)
    page = browser.get("/me/sessions")
    next(form for form in page.forms.values() if form.action.endswith("/end")).submit(status=303)
    as_user(anna)
    page = browser.get("/me/sessions")
    next(form for form in page.forms.values() if form.action.endswith("/end-others")).submit(status=303)
    assert db.execute(select(func.count(SignInSession.id))).scalar() == 1
    reasons = [row.get("reason") for row in db.scalars(select(AuditEntry.details)) if "reason" in row]
    assert reasons == ["own device", "other devices"]


def test_history_costs_the_same_however_long_it_is(app: TestApp, as_user, anna: User, db, count_statements) -> None:
    browser = as_user(anna)
    seen = []
    for _turn in range(2):
        with count_statements() as counted:
            browser.get("/me/sessions")
        seen.append(counted.total)
        last = db.execute(select(func.max(AuditEntry.number))).scalar() or 0
        entries = [
            {
                "number": last + number,
                "at": utcnow(),
                "actor_id": anna.id,
                "action": "session.started",
                "object_type": "user",
                "object_id": str(anna.id),
                "result": "done",
                "origin": "127.0.0.1",
                "details": {},
                "hash": "",
            }
            for number in range(1, 201)
        ]
        db.execute(insert(AuditEntry), entries)
        db.commit()
    assert seen[0] == seen[1] <= 8
    assert len(history(db, anna.id)) == HISTORY
