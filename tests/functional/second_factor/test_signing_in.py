"""Between the password and being signed in: codes, recovery codes, guessing, and what is pending."""

import pytest
from known_password import PASSWORD_HASH
from second_factor import (
    HOME,
    actions,
    another,
    form_to,
    give_code,
    give_password,
    is_in,
    recovery_codes,
)
from sqlalchemy import func, select, update
from webtest import TestApp

from plein.db import utcnow
from plein.people.links import create_link
from plein.people.models import SignInSession, User
from plein.people.second_factor import pending
from plein.people.second_factor.codes import AppCodes
from plein.people.second_factor.models import PendingSignIn
from plein.people.second_factor.recovery import RecoveryCodes
from plein.security.cookies import session_cookie
from plein.testing import SECRET


def test_code_comes_between_the_password_and_being_signed_in(app: TestApp, anna: User, clock, db) -> None:
    answer = give_password(app, following="/people?q=a")
    assert answer.location == f"{HOME}/sign-in/second"
    assert session_cookie(app.app.registry) not in app.cookies
    assert not is_in(app)
    answer = give_code(app, f" {clock.code()[:3]} {clock.code()[3:]} ")
    assert answer.location == f"{HOME}/people?q=a"
    assert is_in(app)
    assert db.scalar(select(SignInSession.strong).where(SignInSession.user_id == anna.id)) is True
    assert [action for action, _ in actions(db)][-2:] == ["second_factor.used", "session.started"]


def test_link_asks_for_the_code_too(app: TestApp, anna: User, clock, db) -> None:
    path = f"/sign-in/link/{create_link(db, db.get(User, anna.id))}"
    db.commit()
    assert form_to(app.get(path), path).submit(status=303).location == f"{HOME}/sign-in/second"
    assert not is_in(app)
    give_code(app, clock.code())
    assert is_in(app)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_clock_may_be_half_a_minute_off(app: TestApp, anna: User, clock, steps: int) -> None:
    give_password(app)
    give_code(app, clock.code(steps))
    assert is_in(app)


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_clock_may_not_be_further_off(app: TestApp, anna: User, clock, steps: int) -> None:
    give_password(app)
    give_code(app, clock.code(steps), status=422)
    assert not is_in(app)


def test_code_works_once(app: TestApp, anna: User, clock) -> None:
    give_password(app)
    give_code(app, clock.code())
    second = another(app)
    give_password(second)
    give_code(second, clock.code(), status=422)
    give_code(second, clock.code(-1), status=422)
    clock.now += 30
    give_code(second, clock.code())
    assert is_in(second)


def test_every_failure_gives_the_same_answer(app: TestApp, anna: User, clock, db) -> None:
    used = recovery_codes(db, anna)
    assert RecoveryCodes(db, anna.id).use(used[0])
    db.commit()
    give_password(app)
    pages = [
        give_code(app, code, by=by, status=422).html.find(class_="error-summary").get_text()
        for by, code in (("app", "000000"), ("app", "no code"), ("recovery", used[0]), ("recovery", "aaaa"))
    ]
    assert len(set(pages)) == 1
    assert not is_in(app)
    refused = [entry for entry in actions(db) if entry == ("second_factor.refused", "refused")]
    assert len(refused) == 4


def test_what_was_typed_does_not_come_back(app: TestApp, anna: User, clock) -> None:
    give_password(app)
    assert "zzzz-secret" not in give_code(app, "zzzz-secret", by="recovery", status=422)


def test_recovery_code_lets_in_once_and_says_how_many_are_left(app: TestApp, anna: User, clock, db) -> None:
    code = recovery_codes(db, anna)[3]
    give_password(app)
    answer = give_code(app, code.upper().replace("-", " "), by="recovery")
    assert "9" in answer.follow().html.find(class_="notice").get_text()
    second = another(app)
    give_password(second)
    give_code(second, code, by="recovery", status=422)
    assert not is_in(second)


def test_codes_of_somebody_else_do_not_work(app: TestApp, anna: User, make_user, clock, db) -> None:
    eve = make_user("eve", password_hash=PASSWORD_HASH)
    AppCodes(db, SECRET).set_up(eve, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU", 0)
    hers = recovery_codes(db, eve)
    give_password(app)
    give_code(app, clock.code(key="KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"), status=422)
    give_code(app, hers[0], by="recovery", status=422)
    assert not is_in(app)


def test_guessing_ends_after_five_attempts_in_whatever_browser(app: TestApp, anna: User, clock) -> None:
    for _turn in range(5):
        browser = another(app)
        give_password(browser)
        give_code(browser, "000000", status=422)
    browser = another(app)
    give_password(browser)
    assert "Retry-After" in give_code(browser, clock.code(), status=429).headers
    assert not is_in(browser)


def test_guessing_ends_after_the_attempts_of_a_day(settings_values, request, anna: User, clock) -> None:
    settings_values |= {"plein.second_factor_limit": "1000", "plein.second_factor_day_limit": "7"}
    app = request.getfixturevalue("app")
    give_password(app)
    for _turn in range(7):
        give_code(app, "000000", status=422)
    give_code(app, clock.code(), status=429)
    assert not is_in(app)


def test_right_codes_use_up_no_attempts_of_the_day(settings_values, request, anna: User, clock) -> None:
    settings_values["plein.second_factor_day_limit"] = "2"
    app = request.getfixturevalue("app")
    for _turn in range(4):
        browser = another(app)
        give_password(browser)
        clock.now += 30
        give_code(browser, clock.code())
        assert is_in(browser)


def test_pending_sign_in_opens_nothing_by_itself(app: TestApp, anna: User, clock) -> None:
    give_password(app)
    stolen = app.cookies[pending.COOKIE]
    thief = another(app)
    thief.set_cookie(pending.COOKIE, stolen.strip('"'))
    assert not is_in(thief)
    thief.set_cookie(session_cookie(app.app.registry), stolen.strip('"'))
    assert not is_in(thief)


def test_only_the_hash_of_what_is_pending_is_stored(app: TestApp, anna: User, clock, db) -> None:
    give_password(app)
    token = app.cookies[pending.COOKIE].strip('"')
    assert token not in db.scalar(select(PendingSignIn.token_hash))


def test_pending_sign_in_ends_after_ten_minutes(app: TestApp, anna: User, clock, db) -> None:
    give_password(app)
    form = form_to(app.get("/sign-in/second"), "/sign-in/second")
    db.execute(update(PendingSignIn).values(expires_at=utcnow()))
    db.commit()
    form["code"] = clock.code()
    assert form.submit(status=303).location.endswith("/sign-in")
    assert not is_in(app)


def test_pending_sign_in_works_once(app: TestApp, anna: User, clock) -> None:
    give_password(app)
    token = app.cookies[pending.COOKIE].strip('"')
    give_code(app, clock.code())
    clock.now += 60
    second = another(app)
    second.set_cookie(pending.COOKIE, token)
    assert second.get("/sign-in/second", status=303).location.endswith("/sign-in")


@pytest.mark.parametrize("change", [{"password_hash": "another"}, {"state": "suspended"}, {"state": "left"}])
def test_pending_sign_in_ends_when_the_account_changes(app: TestApp, anna: User, clock, db, change) -> None:
    give_password(app)
    form = form_to(app.get("/sign-in/second"), "/sign-in/second")
    db.execute(update(User).where(User.id == anna.id).values(**change))
    db.commit()
    form["code"] = clock.code()
    assert form.submit(status=303).location.endswith("/sign-in")
    assert not is_in(app)


def test_planted_pending_cookie_needs_the_code_of_its_own_account(app: TestApp, anna: User, make_user, clock) -> None:
    """Session fixation: what an attacker began ends in nobody's account but their own."""
    give_password(app)
    planted = app.cookies[pending.COOKIE].strip('"')
    victim = another(app)
    victim.set_cookie(pending.COOKIE, planted)
    give_code(victim, clock.code())
    assert victim.cookies[session_cookie(app.app.registry)].strip('"') != planted
    assert "Anna" in victim.get("/me/preferences")
    app.get("/sign-in/second", status=303)
    assert not is_in(app)


def test_another_person_who_was_signed_in_here_is_out(app: TestApp, anna: User, make_user, as_user, clock, db) -> None:
    ben = make_user("ben", name="Ben")
    browser = as_user(ben)
    path = f"/sign-in/link/{create_link(db, db.get(User, anna.id))}"
    db.commit()
    form_to(browser.get(path), path).submit(status=303)
    give_code(browser, clock.code())
    assert 'value="Anna"' in browser.get("/me/preferences")
    assert db.scalar(select(func.count(SignInSession.id)).where(SignInSession.user_id == ben.id)) == 0
