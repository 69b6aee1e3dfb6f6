"""Signing in and out: by password, by a link that works once, and how sessions end."""

from datetime import timedelta
from typing import Any

import pytest
from known_password import PASSWORD, PASSWORD_HASH
from sqlalchemy import select, update
from webtest import TestApp

from plein.db import open_session, utcnow
from plein.people import accounts, passwords
from plein.people.links import create_link, use_link
from plein.people.models import SignInLink, SignInSession, User
from plein.people.sessions import hash_token
from plein.security.cookies import session_cookie


@pytest.fixture
def anna(make_user) -> User:
    return make_user("anna", name="Anna", password_hash=PASSWORD_HASH)


def form_to(page: Any, action: str) -> Any:
    return next(form for form in page.forms.values() if form.action == action)


def sign_in(browser: TestApp, login: str, password: str, following: str = "", status: int = 303) -> Any:
    query = {"next": following} if following else {}
    form = form_to(browser.get("/sign-in", query), "/sign-in")
    form["login"], form["password"] = login, password
    return form.submit(status=status)


def cookie_of(browser: TestApp) -> str:
    return browser.cookies[session_cookie(browser.app.registry)]


def test_right_password_leads_to_where_one_was_going(app: TestApp, anna: User) -> None:
    asked = app.get("/people?q=a", status=303)
    assert asked.location.endswith("/sign-in?next=%2Fpeople%3Fq%3Da")
    form = form_to(asked.follow(), "/sign-in")
    form["login"], form["password"] = " ANNA ", PASSWORD
    answer = form.submit(status=303)
    assert answer.location == "http://127.0.0.1:6543/people?q=a"
    assert "Anna" in answer.follow()


@pytest.mark.parametrize("following", ["//example.org", "https://example.org/", "/\\example.org", "/%2fexample.org"])
def test_address_of_another_site_is_not_followed(app: TestApp, anna: User, following: str) -> None:
    assert sign_in(app, "anna", PASSWORD, following).location == "http://127.0.0.1:6543/"
    assert app.get("/sign-in", {"next": following}, status=303).location == "http://127.0.0.1:6543/"


def test_every_failure_gives_the_same_answer(app: TestApp, anna: User, make_user) -> None:
    make_user("gone", password_hash=PASSWORD_HASH, state="suspended")
    make_user("linked")
    answers = []
    for login, password in (("anna", "wrong"), ("nobody", "wrong"), ("gone", PASSWORD), ("linked", "")):
        page = sign_in(app, login, password or "x", status=422)
        assert page.html.find("input", {"name": "login"})["value"] == login
        assert not page.html.find("input", {"name": "password"}).get("value")
        answers.append(page.html.find(class_="error-summary").get_text())
    assert len(set(answers)) == 1


def test_every_failure_does_the_same_work(app: TestApp, anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    def verify(password_hash: str, password: str) -> bool:
        checked.append(password_hash)
        return False

    monkeypatch.setattr(accounts, "verify_password", verify)
    sign_in(app, "anna", "wrong", status=422)
    sign_in(app, "nobody", "wrong", status=422)
    assert checked == [PASSWORD_HASH, ""]


def test_password_is_not_hashed_inside_a_writing_transaction(
    app: TestApp, anna: User, engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verify(password_hash: str, password: str) -> bool:
        # On SQLite this waits for the lock, and fails, when the request holds it.
        with open_session(engine, writes=True) as session, session.begin():
            session.execute(update(User).where(User.id == anna.id).values(theme="dark"))
        return True

    monkeypatch.setattr(accounts, "verify_password", verify)
    assert sign_in(app, "anna", PASSWORD).status_int == 303


def test_sign_in_gives_a_new_session_and_ends_the_old_one(app: TestApp, anna: User, db) -> None:
    sign_in(app, "anna", PASSWORD)
    first = cookie_of(app)
    link = create_link(db, db.get(User, anna.id))
    db.commit()
    form_to(app.get(f"/sign-in/link/{link}"), f"/sign-in/link/{link}").submit(status=303)
    assert cookie_of(app) != first
    app.set_cookie(session_cookie(app.app.registry), first)
    assert app.get("/people", status=303).location.startswith("http://127.0.0.1:6543/sign-in")


def test_planted_session_cookie_is_not_taken_over(app: TestApp, anna: User) -> None:
    app.set_cookie(session_cookie(app.app.registry), "planted")
    sign_in(app, "anna", PASSWORD)
    assert cookie_of(app) != "planted"


def test_only_the_hash_of_a_session_is_stored(app: TestApp, anna: User, db) -> None:
    sign_in(app, "anna", PASSWORD)
    stored = db.execute(select(SignInSession.token_hash)).scalar_one()
    assert stored == hash_token(cookie_of(app)) != cookie_of(app)
    assert len(cookie_of(app)) >= 43


def test_cookie_is_kept_from_scripts_and_other_sites(app: TestApp, anna: User) -> None:
    cookie = next(
        one for one in sign_in(app, "anna", PASSWORD).headers.getall("Set-Cookie") if one.startswith("plein=")
    )
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_behind_tls_the_cookie_is_bound_to_the_host(settings_values, anna: User, request) -> None:
    settings_values["plein.base_url"] = "https://plein.example.nl"
    app = request.getfixturevalue("app")
    app.extra_environ.update(HTTP_HOST="plein.example.nl", HTTP_ORIGIN="https://plein.example.nl")
    app.extra_environ["wsgi.url_scheme"] = "https"
    form = form_to(app.get("https://plein.example.nl/sign-in"), "/sign-in")
    form["login"], form["password"] = "anna", PASSWORD
    cookies = form.submit(status=303).headers.getall("Set-Cookie")
    cookie = next(one for one in cookies if one.startswith("__Host-plein="))
    assert "secure" in cookie.casefold().split("; ")
    assert "domain" not in cookie.casefold()


def test_sign_out_ends_the_session_for_good(app: TestApp, anna: User) -> None:
    sign_in(app, "anna", PASSWORD)
    token = cookie_of(app)
    form_to(app.get("/people"), "/sign-out").submit(status=303)
    app.set_cookie(session_cookie(app.app.registry), token)
    app.get("/people", status=303)


def test_sign_out_by_a_link_does_nothing(as_user, anna: User) -> None:
    browser = as_user(anna)
    browser.get("/sign-out", status=404)
    browser.get("/people", status=200)


@pytest.mark.parametrize(
    "values",
    [
        {"expires_at": utcnow() - timedelta(seconds=1)},
        {"last_seen_at": utcnow() - timedelta(hours=9)},
    ],
    ids=["too old", "idle"],
)
def test_session_ends_by_itself(as_user, anna: User, db, values: dict[str, Any]) -> None:
    browser = as_user(anna)
    browser.get("/people", status=200)
    db.execute(update(SignInSession).values(**values))
    db.commit()
    browser.get("/people", status=303)


def test_suspended_person_is_out_at_once(as_user, anna: User, db) -> None:
    browser = as_user(anna)
    browser.get("/people", status=200)
    db.execute(update(User).where(User.id == anna.id).values(state="suspended"))
    db.commit()
    browser.get("/people", status=303)


def test_last_seen_is_written_once_a_minute(as_user, anna: User, db, count_statements) -> None:
    browser = as_user(anna)
    before = utcnow() - timedelta(minutes=2)
    db.execute(update(SignInSession).values(last_seen_at=before))
    db.commit()
    with count_statements() as counted:
        browser.get("/people", status=200)
        browser.get("/people", status=200)
    assert sum("UPDATE sign_in_session" in one for one in counted.statements) == 1
    db.expire_all()
    assert db.execute(select(SignInSession.last_seen_at)).scalar_one() > before


def test_link_shows_a_button_and_changes_nothing(app: TestApp, anna: User, db) -> None:
    token = create_link(db, anna)
    db.commit()
    for _again in range(3):
        assert "Anna" in app.get(f"/sign-in/link/{token}", status=200)
    assert db.execute(select(SignInLink.used_at)).scalar_one() is None
    assert not db.execute(select(SignInSession.id)).all()


def test_link_works_once(app: TestApp, anna: User, db) -> None:
    token = create_link(db, anna)
    db.commit()
    form = form_to(app.get(f"/sign-in/link/{token}"), f"/sign-in/link/{token}")
    assert form.submit(status=303).follow().status_int == 200
    another = TestApp(app.app, extra_environ=app.extra_environ)
    assert "no longer works" in another.get(f"/sign-in/link/{token}", status=410)


def test_of_two_who_press_at_once_one_gets_in(anna: User, db, session_of) -> None:
    token = create_link(db, anna)
    db.commit()
    with session_of(anna, writes=True) as first:
        assert use_link(first, token) is not None
        first.commit()
    with session_of(anna, writes=True) as second:
        assert use_link(second, token) is None


@pytest.mark.parametrize("change", ["expired", "suspended", "replaced", "unknown"])
def test_link_that_no_longer_counts_is_refused(app: TestApp, anna: User, db, change: str) -> None:
    token = create_link(db, anna, timedelta(seconds=-1) if change == "expired" else timedelta(days=1))
    if change == "replaced":
        create_link(db, anna)
    if change == "suspended":
        db.execute(update(User).values(state="suspended"))
    if change == "unknown":
        token = "x" * 43
    db.commit()
    app.get(f"/sign-in/link/{token}", status=410)


def test_password_hash_of_old_parameters_is_renewed(app: TestApp, anna: User, db) -> None:
    old = passwords.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    db.execute(update(User).values(password_hash=old))
    db.commit()
    sign_in(app, "anna", PASSWORD)
    db.expire_all()
    renewed = db.execute(select(User.password_hash)).scalar_one()
    assert renewed != old and passwords.verify_password(renewed, PASSWORD)
