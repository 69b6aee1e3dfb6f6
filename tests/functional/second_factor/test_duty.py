"""Who must have a second factor, what they can do until they have one, and taking one away."""

import time
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from known_password import PASSWORD_HASH
from second_factor import (
    HOME,
    KEY,
    actions,
    another,
    ask,
    form_to,
    give_code,
    give_password,
    grow_stale,
    is_in,
    set_up_app,
)
from sqlalchemy import select, update
from webtest import TestApp

from plein.contributions import Identity, SignInMethod
from plein.db import utcnow
from plein.jobs.models import QueuedJob
from plein.people import proxy
from plein.people.links import create_link
from plein.people.methods import methods
from plein.people.models import SignInSession, SiteRole, User
from plein.people.second_factor import codes
from plein.people.second_factor.codes import AppCodes
from plein.people.second_factor.models import Totp
from plein.security.cookies import session_cookie
from plein.testing import SECRET


@pytest.fixture
def strict(settings_values, request) -> TestApp:
    settings_values["plein.second_factor"] = "administrators"
    return request.getfixturevalue("app")


@pytest.mark.parametrize("office", ["administrator", "people manager"])
def test_office_counts_when_a_second_factor_is_set_up(strict, make_user, clock, db, office: str) -> None:
    boss = make_user("boss", password_hash=PASSWORD_HASH, is_admin=office == "administrator")
    if office != "administrator":
        db.add(SiteRole(user_id=boss.id, role="people_manager"))
        db.commit()
    answer = give_password(strict, "boss", "/admin/users")
    assert answer.location == f"{HOME}/me/security?next=%2Fadmin%2Fusers"
    assert strict.get("/people").status_int == 200
    assert strict.get("/admin/users", status=303).location.endswith("/me/security?next=%2Fadmin%2Fusers")
    before = strict.cookies[session_cookie(strict.app.registry)]
    set_up_app(strict, clock)
    assert strict.cookies[session_cookie(strict.app.registry)] != before
    strict.get("/admin/users", status=200)
    form_to(strict.get("/me/security"), "/me/security/app/remove").submit(status=303)
    strict.get("/admin/users", status=303)


def test_link_of_the_command_line_leads_to_setting_one_up(strict, make_user, db) -> None:
    boss = make_user("boss", is_admin=True)
    path = f"/sign-in/link/{create_link(db, db.get(User, boss.id))}"
    db.commit()
    assert form_to(strict.get(path), path).submit(status=303).location.startswith(f"{HOME}/me/security")
    assert "administer" in strict.get("/me/security").html.find(class_="alert").get_text()


def test_colleague_without_an_office_needs_none(strict, make_user) -> None:
    make_user("ben", password_hash=PASSWORD_HASH)
    assert give_password(strict, "ben").location == f"{HOME}/"


def test_everyone_reaches_only_where_it_is_set_up(settings_values, request, make_user, clock) -> None:
    settings_values["plein.second_factor"] = "everyone"
    app = request.getfixturevalue("app")
    make_user("ben", password_hash=PASSWORD_HASH)
    give_password(app, "ben")
    for path in ("/", "/people", "/spaces", "/me/preferences", "/me/sessions", "/search", "/hello"):
        assert app.get(path, status=303).location.startswith(f"{HOME}/me/security"), path
    for path in ("/accessibility", "/me/security", "/me/security/app", "/me/security/passkey"):
        assert app.get(path).status_int == 200
    token = app.get("/me/security").html.find("meta", attrs={"name": "csrf-token"})["content"]
    form = {"csrf_token": token, "name": "Other", "locale": "nl", "theme": "auto"}
    assert app.post("/me/preferences", form, status=303).location.startswith(f"{HOME}/me/security")
    app.post("/me/language", {"csrf_token": token, "locale": "en"}, status=303)
    set_up_app(app, clock)
    app.get("/people", status=200)


def test_people_manager_takes_away_factors_of_colleagues_only(app, anna: User, make_user, as_user, db) -> None:
    manager, boss = make_user("manager"), make_user("boss", is_admin=True)
    db.add(SiteRole(user_id=manager.id, role="people_manager"))
    AppCodes(db, SECRET).set_up(boss, KEY, 0)
    db.commit()
    browser, hers = as_user(manager), as_user(anna)
    token = browser.get("/people").html.find("meta", attrs={"name": "csrf-token"})["content"]
    browser.post("/admin/users/boss/reset-factors", {"csrf_token": token}, status=403)
    assert is_in(hers)
    browser.post("/admin/users/anna/reset-factors", {"csrf_token": token}, status=303)
    assert not is_in(hers)
    assert ask(db, select(Totp.user_id)) == [boss.id]
    assert ("second_factor.reset", "done") in actions(db)
    assert give_password(app).location == f"{HOME}/"


def test_time_of_codes_is_that_of_the_machine() -> None:
    code = pyotp.TOTP(KEY).generate_otp(int(time.time()) // 30)
    assert codes.matching_step(KEY, code) is not None


# -- by a provider -----------------------------------------------------------------------------------------------------


def come_by_provider(app: TestApp, monkeypatch: pytest.MonkeyPatch, login: str, *, strong: bool = False) -> Any:
    """As by Kerberos: somebody is known, and nothing was asked."""
    methods(app.app.registry)["work"] = SignInMethod("work", "Work", "login", "sign_in.sso", links_logins=True)
    identity = Identity("work", login, login, login.title(), strong=strong, session="theirs")
    monkeypatch.setattr(proxy, "identity", lambda request: identity)
    return app.get("/sign-in/sso", {"next": "/admin/users"}, status=303)


def test_provider_that_vouches_for_a_second_factor_is_enough(strict, make_user, monkeypatch, db) -> None:
    boss = make_user("boss", is_admin=True)
    AppCodes(db, SECRET).set_up(boss, KEY, 0)
    db.commit()
    assert come_by_provider(strict, monkeypatch, "boss", strong=True).location == f"{HOME}/admin/users"
    strict.get("/admin/users", status=200)


def test_provider_that_does_not_is_asked_for_it_of_administrators(strict, make_user, monkeypatch, clock, db) -> None:
    boss, ben = make_user("boss", is_admin=True), make_user("ben")
    for user in (boss, ben):
        AppCodes(db, SECRET).set_up(user, KEY, 0)
    db.commit()
    assert come_by_provider(another(strict), monkeypatch, "ben").location == f"{HOME}/admin/users"
    assert come_by_provider(strict, monkeypatch, "boss").location == f"{HOME}/sign-in/second"
    assert not is_in(strict)
    assert give_code(strict, clock.code()).location == f"{HOME}/admin/users"
    strict.get("/admin/users", status=200)
    kept = select(SignInSession.provider_session).where(SignInSession.user_id == boss.id)
    assert ask(db, kept) == ["theirs"]


def test_whoever_has_nothing_to_prove_by_sets_up_a_first_factor_soon_after_coming_in(
    strict, make_user, monkeypatch, clock, db
) -> None:
    make_user("boss", is_admin=True)
    assert "/me/security" in come_by_provider(strict, monkeypatch, "boss").location
    db.execute(update(SignInSession).values(created_at=utcnow() - timedelta(minutes=16)))
    db.commit()
    begin = form_to(strict.get("/me/security"), "/me/security/begin")
    assert begin.submit(status=303).location.endswith("/me/confirm")
    db.execute(update(SignInSession).values(created_at=utcnow()))
    db.commit()
    set_up_app(strict, clock)
    strict.get("/admin/users", status=200)
    grow_stale(db)
    begin = form_to(strict.get("/me/security"), "/me/security/begin")
    assert begin.submit(status=303).location.endswith("/me/confirm")


def test_person_is_told_by_mail_of_each_change(settings_values, request, make_user, clock, db) -> None:
    settings_values |= {"plein.smtp_host": "127.0.0.1", "plein.mail_from": "plein@example.nl", "plein.smtp_tls": "off"}
    as_user = request.getfixturevalue("as_user")
    browser = as_user(make_user("ben", email="ben@example.nl", locale="nl"))
    set_up_app(browser, clock)
    form_to(browser.get("/me/security"), "/me/security/app/remove").submit(status=303)
    sent = ask(db, select(QueuedJob.arguments).order_by(QueuedJob.id))
    assert [(mail["to"], mail["values"]["what"]) for mail in sent] == [
        ("ben@example.nl", "added"),
        ("ben@example.nl", "removed"),
    ]
    assert sent[0]["subject"] == "Er is een tweede stap toegevoegd aan je account"
