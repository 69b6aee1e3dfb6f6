"""Who must have a second factor, what they can do until they have one, and taking one away."""

import time

import pyotp
import pytest
from second_factor import (
    HOME,
    KEY,
    PASSWORD_HASH,
    actions,
    ask,
    form_to,
    give_password,
    is_in,
    set_up_app,
)
from sqlalchemy import select
from webtest import TestApp

from plein.people.links import create_link
from plein.people.models import SiteRole, User
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
