"""One's own pages of the second factor: setting up, recovery codes, and proving it before a change."""

import pytest
from known_password import PASSWORD_HASH
from second_factor import (
    KEY,
    actions,
    ask,
    form_to,
    give_code,
    give_password,
    grow_stale,
    recovery_codes,
    set_up_app,
)
from sqlalchemy import select, update
from webtest import TestApp

from plein.people.models import SignInSession, User
from plein.people.second_factor.models import RecoveryCode, Totp
from plein.people.second_factor.recovery import RecoveryCodes
from plein.security.cookies import session_cookie


def test_app_counts_when_a_code_proves_that_it_works(app: TestApp, make_user, as_user, clock, db) -> None:
    ben = make_user("ben")
    browser = as_user(ben)
    page = browser.get("/me/security/app")
    assert page.html.find("svg", class_="qr") is not None
    assert "style=" not in str(page.html.find("svg", class_="qr"))
    form = form_to(page, "/me/security/app")
    form["code"] = "000000"
    wrong = form.submit(status=422)
    key = page.html.find("code", class_="copyable").get_text()
    assert wrong.html.find("code", class_="copyable").get_text() == key
    assert len(ask(db, select(Totp.user_id))) == 0
    form = form_to(wrong, "/me/security/app")
    form["code"] = clock.code(key=key.replace(" ", ""))
    assert "/me/security/recovery" in form.submit(status=303).location
    assert key.replace(" ", "") not in ask(db, select(Totp.secret))[0]
    assert ("second_factor.added", "done") in actions(db)


def test_code_that_set_up_the_app_does_not_sign_in(app: TestApp, make_user, as_user, clock) -> None:
    ben = make_user("ben", password_hash=PASSWORD_HASH)
    _answer, key = set_up_app(as_user(ben), clock)
    give_password(app, "ben")
    give_code(app, clock.code(key=key), status=422)


def test_secret_of_somebody_else_cannot_be_set_up(app: TestApp, make_user, as_user, clock, db) -> None:
    """The sealed secret of the form belongs to one person and one session."""
    eve, ben = as_user(make_user("eve")), as_user(make_user("ben"))
    page = eve.get("/me/security/app")
    form = form_to(ben.get("/me/security/app"), "/me/security/app")
    form["sealed"] = form_to(page, "/me/security/app")["sealed"].value
    form["code"] = clock.code(key=page.html.find("code", class_="copyable").get_text().replace(" ", ""))
    form.submit(status=303)
    assert len(ask(db, select(Totp.user_id))) == 0


def test_fields_that_the_form_does_not_have_change_nothing(app: TestApp, make_user, as_user, clock, db) -> None:
    ben, eve = make_user("ben"), make_user("eve")
    browser = as_user(ben)
    page = browser.get("/me/security/app")
    key = page.html.find("code", class_="copyable").get_text().replace(" ", "")
    fields = {name: form_to(page, "/me/security/app")[name].value for name in ("csrf_token", "sealed", "next")}
    more = {"user_id": str(eve.id), "secret": KEY, "last_step": "0", "strong": "1", "is_admin": "1"}
    browser.post("/me/security/app", fields | more | {"code": clock.code(key=key)}, status=303)
    assert ask(db, select(Totp.user_id)) == [ben.id]
    assert db.scalar(select(Totp.last_step)) > 0
    assert db.scalar(select(User.is_admin).where(User.id == ben.id)) is False


def test_recovery_codes_are_shown_once_and_count_when_they_are_kept(app: TestApp, anna: User, as_user, db) -> None:
    browser = as_user(anna)
    old = recovery_codes(db, anna)
    page = form_to(browser.get("/me/security/recovery"), "/me/security/recovery").submit()
    shown = [one.get_text() for one in page.html.select(".codes code")]
    assert len(shown) == len(set(shown)) == 10
    assert not RecoveryCodes(db, anna.id).use(shown[0])
    assert RecoveryCodes(db, anna.id).left() == 10
    db.rollback()
    form_to(page, "/me/security/recovery/keep").submit(status=303)
    assert not RecoveryCodes(db, anna.id).use(old[0])
    assert RecoveryCodes(db, anna.id).use(shown[0])
    db.rollback()
    assert shown[0] not in browser.get("/me/security/recovery")
    hashes = db.scalars(select(RecoveryCode.code_hash)).all()
    assert not set(hashes) & set(shown)


def test_page_with_older_recovery_codes_does_not_bring_them_into_use(app: TestApp, anna: User, as_user, db) -> None:
    browser = as_user(anna)
    first = form_to(browser.get("/me/security/recovery"), "/me/security/recovery").submit()
    form_to(browser.get("/me/security/recovery"), "/me/security/recovery").submit()
    form_to(first, "/me/security/recovery/keep").submit(status=422)
    assert RecoveryCodes(db, anna.id).left() == 0


def test_without_a_factor_there_are_no_recovery_codes(app: TestApp, make_user, as_user) -> None:
    browser = as_user(make_user("ben"))
    assert browser.get("/me/security/recovery", status=303).location.endswith("/me/security")


def test_whoever_has_not_proved_their_factor_changes_none(app: TestApp, anna: User, as_user, clock, db) -> None:
    browser = as_user(anna)
    db.execute(update(SignInSession).values(strong=False))
    db.commit()
    page = browser.get("/me/security")
    token = form_to(page, "/me/security/prove")["csrf_token"].value
    for path in ("/me/security/app/remove", "/me/security/recovery", "/me/security/passkey/options"):
        assert browser.post(path, {"csrf_token": token}, status=303).location.endswith("/me/security")
    assert len(ask(db, select(Totp.user_id))) == 1
    before = browser.cookies[session_cookie(app.app.registry)]
    form_to(page, "/me/security/prove").submit(status=303)
    give_code(browser, clock.code())
    assert browser.cookies[session_cookie(app.app.registry)] != before
    form_to(browser.get("/me/security"), "/me/security/app/remove").submit(status=303)
    assert len(ask(db, select(Totp.user_id))) == 0


def test_changing_a_factor_asks_for_proof_which_a_code_is(app: TestApp, anna: User, as_user, clock, db) -> None:
    browser = as_user(anna)
    grow_stale(db)
    form = form_to(browser.get("/me/security"), "/me/security/app/remove")
    assert form.submit(status=303).location.endswith("/me/confirm")
    assert len(ask(db, select(Totp.user_id))) == 1
    assert browser.get("/me/confirm").html.find("a", href=lambda link: link and "/me/confirm/factor" in link)
    before = browser.cookies[session_cookie(app.app.registry)]
    form = form_to(browser.get("/me/confirm/factor"), "/me/confirm/factor")
    form["code"] = "000000"
    form = form_to(form.submit(status=422), "/me/confirm/factor")
    form["code"] = clock.code()
    going_on = form.submit(status=200)
    assert browser.cookies[session_cookie(app.app.registry)] != before
    form_to(going_on, "/me/security/app/remove").submit(status=303)
    assert ask(db, select(Totp.user_id)) == []


def test_code_of_somebody_else_proves_nothing(app: TestApp, anna: User, make_user, as_user, clock, db) -> None:
    browser = as_user(make_user("ben", password_hash=PASSWORD_HASH))
    grow_stale(db)
    token = browser.get("/people").html.find("meta", attrs={"name": "csrf-token"})["content"]
    browser.post("/me/confirm/factor", {"csrf_token": token, "code": clock.code()}, status=422)
    assert browser.post("/me/security/recovery", {"csrf_token": token}, status=303).location.endswith("/me/confirm")


@pytest.mark.parametrize(
    "path", ["begin", "app", "app/remove", "passkey", "passkey/1/remove", "recovery", "recovery/keep"]
)
def test_every_change_asks_for_proof(app: TestApp, anna: User, as_user, db, path: str) -> None:
    browser = as_user(anna)
    grow_stale(db)
    token = browser.get("/people").html.find("meta", attrs={"name": "csrf-token"})["content"]
    answer = browser.post(f"/me/security/{path}", {"csrf_token": token}, status=303)
    assert answer.location.endswith("/me/confirm")
