"""Acts of administration ask whether it is still you, and go on with what was typed when it is."""

import re
from datetime import timedelta
from typing import Any

import pytest
from authorisation import SITE
from authorisation.rules import Row
from known_password import PASSWORD, PASSWORD_HASH
from pyramid.request import Request
from sqlalchemy import select, update
from webtest import TestApp, Upload

from plein.audit.models import AuditEntry
from plein.contributions import Identity, Permission, SignInMethod
from plein.db import utcnow
from plein.people import proxy
from plein.people.methods import methods
from plein.people.models import SignInSession, User
from plein.people.sessions import hash_token
from plein.security.cookies import session_cookie
from plein.security.permissions import ADMIN, PUBLIC, SIGNED_IN
from plein.security.step_up import asks_to_confirm


@pytest.fixture
def admin(make_user) -> User:
    return make_user("ada", name="Ada", is_admin=True, password_hash=PASSWORD_HASH)


@pytest.fixture
def browser(as_user, admin: User, db) -> TestApp:
    """An administrator who signed in an hour ago."""
    browser = as_user(admin)
    make_stale(db)
    return browser


def make_stale(db) -> None:
    db.execute(update(SignInSession).values(confirmed_at=utcnow() - timedelta(minutes=16)))
    db.commit()


def form_to(page: Any, action: str) -> Any:
    return next(form for form in page.forms.values() if form.action == action)


def token_of(browser: TestApp) -> str:
    return browser.get("/people").html.find("meta", attrs={"name": "csrf-token"})["content"]


def new_account(browser: TestApp, login: str = "new") -> Any:
    form = form_to(browser.get("/admin/users/-/new"), "/admin/users/-/new")
    form["login"], form["name"] = login, 'Nieuwe "collega" <b>'
    return form.submit(status="*")


def prove(browser: TestApp, password: str = PASSWORD, status: int = 200) -> Any:
    form = form_to(browser.get("/me/confirm"), "/me/confirm")
    form["password"] = password
    return form.submit(status=status)


def actions(db) -> list[tuple[str, str]]:
    db.expire_all()
    return [tuple(row) for row in db.execute(select(AuditEntry.action, AuditEntry.result).order_by(AuditEntry.number))]


def test_act_goes_on_with_what_was_typed(browser: TestApp, db) -> None:
    asked = new_account(browser)
    assert asked.status_int == 303 and asked.location.endswith("/me/confirm")
    assert db.execute(select(User).where(User.login == "new")).first() is None
    db.rollback()
    going_on = form_to(prove(browser), "/admin/users/-/new")
    assert going_on.submit(status=200).html.find("input", {"id": "field-link"})
    assert db.execute(select(User.name).where(User.login == "new")).scalar() == 'Nieuwe "collega" <b>'
    assert ("session.confirmed", "done") in actions(db)


def test_proof_gives_the_session_a_new_id(browser: TestApp, db) -> None:
    before = browser.cookies[session_cookie(browser.app.registry)]
    new_account(browser)
    prove(browser)
    after = browser.cookies[session_cookie(browser.app.registry)]
    assert after != before
    assert db.execute(select(SignInSession.token_hash)).scalars().all() == [hash_token(after)]
    db.rollback()
    browser.set_cookie(session_cookie(browser.app.registry), before)
    browser.get("/people", status=303)


def test_whoever_proved_it_lately_is_not_asked(as_user, admin: User, db) -> None:
    assert new_account(as_user(admin)).status_int == 200


def test_page_of_the_proof_can_be_used_whole(browser: TestApp) -> None:
    new_account(browser)
    page = prove(browser)
    switch = form_to(page, "/me/language")
    browser.post("/me/language", {"locale": "nl", "csrf_token": switch["csrf_token"].value}, status=303)


def test_looking_is_not_asked_about(browser: TestApp) -> None:
    browser.get("/admin/users", status=200)
    browser.get("/admin/settings", status=200)


def test_wrong_password_is_refused_told_and_counted(browser: TestApp, db) -> None:
    new_account(browser)
    page = prove(browser, "wrong", status=422)
    assert "This is not your password." in page
    assert ("session.not_confirmed", "refused") in actions(db)
    db.rollback()
    for _again in range(9):
        prove(browser, "wrong", status=422)
    form = form_to(browser.get("/me/confirm"), "/me/confirm")
    form["password"] = PASSWORD
    form.submit(status=429)


def test_somebody_who_may_not_is_told_so_and_not_asked(as_user, make_user, db) -> None:
    browser = as_user(make_user("bob"))
    make_stale(db)
    token = token_of(browser)
    browser.post("/admin/users/-/new", {"login": "x", "csrf_token": token}, status=403)
    browser.post("/admin/users/-/new", {"login": "x"}, status=403)


def test_what_another_site_sends_is_not_kept(browser: TestApp, db) -> None:
    browser.post("/admin/users/-/new", {"login": "evil"}, status=403)
    assert db.execute(select(SignInSession.waits)).scalar() is None


def test_secrets_are_not_kept_and_files_are_said_to_be_lost(browser: TestApp, db) -> None:
    token = token_of(browser)
    fields = {"csrf_token": token, "login": "new", "password": "geheim geheim", "file": Upload("a.csv", b"a,b")}
    came_from = {"Referer": "http://127.0.0.1:6543/admin/users/-/new?x=1"}
    browser.post("/admin/users/-/new", fields, headers=came_from, status=303)
    waits = db.execute(select(SignInSession.waits)).scalar_one()
    assert waits["fields"] == [["login", "new"]] and "geheim" not in str(waits) and token not in str(waits)
    db.rollback()
    page = prove(browser)
    assert "was not kept" in page
    assert page.html.find("a", href="/admin/users/-/new?x=1")
    assert not page.html.find("form", {"action": "/admin/users/-/new"})


def test_way_back_stays_on_this_site(browser: TestApp, db) -> None:
    token = token_of(browser)
    for elsewhere in (
        "https://example.org/",
        "http://127.0.0.1:6543.example.org/",
        "http://127.0.0.1:6543//example.org",
    ):
        headers = {"Referer": elsewhere}
        browser.post("/admin/users/-/new", {"csrf_token": token}, headers=headers, status=303)
        assert db.execute(select(SignInSession.waits)).scalar_one()["back"] == "/"
        db.rollback()


def test_act_goes_on_once(browser: TestApp, db) -> None:
    new_account(browser)
    prove(browser)
    assert db.execute(select(SignInSession.waits)).scalar() is None
    db.rollback()
    # Going back and forth in the browser sends the form with the password again.
    form = form_to(browser.get("/me/confirm"), "/me/confirm")
    assert form.submit(status=303).location == "http://127.0.0.1:6543/"


def test_what_waits_too_long_is_forgotten(browser: TestApp, db) -> None:
    new_account(browser)
    past = utcnow() - timedelta(minutes=1)
    db.execute(update(SignInSession).values(waits_until=past, last_seen_at=utcnow() - timedelta(minutes=2)))
    db.commit()
    form = form_to(browser.get("/me/confirm"), "/me/confirm")
    assert db.execute(select(SignInSession.waits)).scalar() is None
    db.rollback()
    form["password"] = PASSWORD
    assert form.submit(status=303).location == "http://127.0.0.1:6543/"


def test_nobody_goes_on_with_what_another_was_doing(browser: TestApp, make_user, db) -> None:
    make_user("bob", password_hash=PASSWORD_HASH)
    new_account(browser)
    token = token_of(browser)
    browser.post("/sign-in", {"login": "bob", "password": PASSWORD, "csrf_token": token}, status=303)
    assert db.execute(select(SignInSession.waits)).scalars().all() == [None]


def test_somebody_without_a_password_is_told_what_to_do(as_user, make_user, db) -> None:
    browser = as_user(make_user("eve", is_admin=True))
    make_stale(db)
    new_account(browser)
    page = browser.get("/me/confirm")
    assert not page.html.find("input", {"name": "password"})
    assert "sign in by a new link" in page


def test_first_password_is_not_set_in_a_browser_left_open(as_user, make_user, db) -> None:
    eve = make_user("eve")
    browser = as_user(eve)
    make_stale(db)
    form = form_to(browser.get("/me/preferences"), "/me/password")
    form["new_password"] = form["repeat_password"] = PASSWORD
    assert form.submit(status=303).location.endswith("/me/confirm")
    assert db.execute(select(User.password_hash).where(User.id == eve.id)).scalar() == ""


# -- by the provider --------------------------------------------------------------------------------------------------


def by_provider(app: TestApp, as_user, admin: User, monkeypatch, *, confirmed: bool) -> TestApp:
    """An administrator who came by a provider, which is asked again and says whether it asked them."""
    methods(app.app.registry)["work"] = SignInMethod(
        "work", "Work account", "login", "sign_in.sso", links_logins=True, confirms=True
    )
    identity = Identity("work", "7", admin.login, admin.name, confirmed=confirmed)
    monkeypatch.setattr(proxy, "identity", lambda request: identity)
    return app


def test_being_known_to_a_provider_is_not_being_asked(app: TestApp, as_user, admin: User, monkeypatch) -> None:
    browser = by_provider(app, as_user, admin, monkeypatch, confirmed=False)
    browser.get("/sign-in/sso", status=303)
    assert new_account(browser).location.endswith("/me/confirm")
    page = browser.get("/me/confirm")
    assert page.html.find("a", href="/sign-in/sso?next=%2Fme%2Fconfirm&confirm=1")


def test_provider_that_asked_just_now_is_enough(app: TestApp, as_user, admin: User, monkeypatch) -> None:
    browser = by_provider(app, as_user, admin, monkeypatch, confirmed=True)
    browser.get("/sign-in/sso", status=303)
    assert new_account(browser).status_int == 200


def test_coming_back_from_the_provider_the_act_goes_on(app: TestApp, as_user, admin: User, monkeypatch, db) -> None:
    browser = by_provider(app, as_user, admin, monkeypatch, confirmed=False)
    browser.get("/sign-in/sso", status=303)
    new_account(browser)
    by_provider(app, as_user, admin, monkeypatch, confirmed=True)
    browser.get("/sign-in/sso?next=/me/confirm&confirm=1", status=303)
    going_on = form_to(browser.get("/me/confirm"), "/me/confirm").submit(status=200)
    form_to(going_on, "/admin/users/-/new").submit(status=200)
    assert db.execute(select(User.id).where(User.login == "new")).first()


# -- which acts -------------------------------------------------------------------------------------------------------


def test_every_act_of_administration_asks(browser: TestApp, make_user) -> None:
    make_user("spare")
    app = browser.app
    token = token_of(browser)
    asked = []
    for route, row in SITE["POST"].items():
        if not _is_of_administration(app, route):
            continue
        request = Request.blank("/")
        request.registry = app.registry
        # What is named in braces is a row of the table's own world; any number will do here.
        parts = {key: re.sub(r"\{\w+\}", "1", str(value)) for key, value in row.parts.items()}
        answer = browser.post(request.route_path(route, **parts), {"csrf_token": token}, status="*")
        assert answer.status_int == 303 and answer.location.endswith("/me/confirm"), (route, answer.status)
        asked.append(route)
    assert "admin.users.new" in asked and len(asked) >= 5


def _is_of_administration(app: Any, route: str) -> bool:
    """By what an administrator may and a colleague may not, in the table of who gets in."""
    row: Row = SITE["POST"][route]
    # Whoever answers for a guest extends it too: a colleague, without any office.
    if route == "people.extend":
        return False
    return row.rule("admin", "open") == "in" and row.rule("outsider", "open") == "no"


@pytest.mark.parametrize(
    ("permission", "asks"),
    [
        (ADMIN, True),
        (SIGNED_IN, False),
        (PUBLIC, False),
        (None, False),
        ("x.office", True),
        ("x.all", False),
        ("x.space", False),
    ],
)
def test_permission_that_not_everybody_has_asks(permission: str | None, asks: bool) -> None:
    declared = [
        Permission("x.office", "O", ("admin", "moderator"), scope="site"),
        Permission("x.all", "A", ("everyone",), scope="site"),
        Permission("x.space", "S", ("manager",)),
    ]

    class Plugins:
        permissions = {one.name: one for one in declared}

    assert asks_to_confirm({"plein.plugins": Plugins}, permission) is asks
