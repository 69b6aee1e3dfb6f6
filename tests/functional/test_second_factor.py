"""The second factor at signing in and on one's own pages: codes, recovery codes, who must have one, and attacks."""

import time
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select, update
from webtest import TestApp

from plein.audit.models import AuditEntry
from plein.db import utcnow
from plein.people import passwords
from plein.people.links import create_link
from plein.people.models import SignInSession, SiteRole, User
from plein.people.second_factor import codes, pending
from plein.people.second_factor.codes import AppCodes
from plein.people.second_factor.models import PendingSignIn, RecoveryCode, Totp
from plein.people.second_factor.recovery import RecoveryCodes
from plein.security.cookies import session_cookie
from plein.testing import SECRET

PASSWORD = "paard lamp rivier"
_HASH = passwords.hash_password(PASSWORD)
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HOME = "http://127.0.0.1:6543"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A clock for codes that stands still, in the middle of a half minute, until it is moved."""

    class Clock:
        now = 1_800_000_000 + 15.0

        def time(self) -> float:
            return self.now

        def code(self, steps: int = 0, key: str = KEY) -> str:
            return pyotp.TOTP(key).generate_otp(int(self.now) // 30 + steps)

    found = Clock()
    monkeypatch.setattr(codes, "time", found)
    return found


@pytest.fixture
def anna(make_user, db) -> User:
    """Somebody with an app."""
    user = make_user("anna", name="Anna", password_hash=_HASH)
    AppCodes(db, SECRET).set_up(user, KEY, 0)
    db.commit()
    return user


def form_to(page: Any, action: str) -> Any:
    return next(form for form in page.forms.values() if form.action.partition("?")[0] == action)


def give_password(browser: TestApp, login: str = "anna", following: str = "") -> Any:
    form = form_to(browser.get("/sign-in", {"next": following} if following else {}), "/sign-in")
    form["login"], form["password"] = login, PASSWORD
    return form.submit(status=303)


def give_code(browser: TestApp, code: str, *, by: str = "app", status: int = 303) -> Any:
    form = form_to(browser.get("/sign-in/second", {"by": by}), "/sign-in/second")
    form["code"] = code
    return form.submit(status=status)


def is_in(browser: TestApp) -> bool:
    return browser.get("/me/preferences", status="*").status_int == 200


def another(app: TestApp) -> TestApp:
    return TestApp(app.app, extra_environ=app.extra_environ)


def ask(db: Any, statement: Any) -> Any:
    """What the database says now; holds no lock afterwards."""
    db.rollback()
    found = db.scalars(statement).all()
    db.rollback()
    return found


def actions(db: Any) -> list[tuple[str, str]]:
    rows = db.execute(select(AuditEntry.action, AuditEntry.result).order_by(AuditEntry.number)).all()
    db.rollback()
    return [tuple(row) for row in rows]


def recovery_codes(db: Any, user: User) -> list[str]:
    service = RecoveryCodes(db, user.id)
    made, batch = service.make()
    assert service.keep(batch)
    db.commit()
    return made


# -- signing in ------------------------------------------------------------------------------------------------------


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
    eve = make_user("eve", password_hash=_HASH)
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


# -- what is pending ---------------------------------------------------------------------------------------------------


def pending_name(app: TestApp) -> str:
    return pending.COOKIE


def test_pending_sign_in_opens_nothing_by_itself(app: TestApp, anna: User, clock) -> None:
    give_password(app)
    stolen = app.cookies[pending_name(app)]
    thief = another(app)
    thief.set_cookie(pending_name(app), stolen.strip('"'))
    assert not is_in(thief)
    thief.set_cookie(session_cookie(app.app.registry), stolen.strip('"'))
    assert not is_in(thief)


def test_only_the_hash_of_what_is_pending_is_stored(app: TestApp, anna: User, clock, db) -> None:
    give_password(app)
    token = app.cookies[pending_name(app)].strip('"')
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
    token = app.cookies[pending_name(app)].strip('"')
    give_code(app, clock.code())
    clock.now += 60
    second = another(app)
    second.set_cookie(pending_name(app), token)
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
    planted = app.cookies[pending_name(app)].strip('"')
    victim = another(app)
    victim.set_cookie(pending_name(app), planted)
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


# -- one's own pages ---------------------------------------------------------------------------------------------------


def set_up_app(browser: TestApp, clock: Any) -> tuple[Any, str]:
    page = browser.get("/me/security/app")
    key = page.html.find("code", class_="copyable").get_text().replace(" ", "")
    form = form_to(page, "/me/security/app")
    form["code"] = clock.code(key=key)
    return form.submit(status=303), key


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
    ben = make_user("ben", password_hash=_HASH)
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


# -- who must have one -------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(settings_values, request) -> TestApp:
    settings_values["plein.second_factor"] = "administrators"
    return request.getfixturevalue("app")


@pytest.mark.parametrize("office", ["administrator", "people manager"])
def test_office_counts_when_a_second_factor_is_set_up(strict, make_user, clock, db, office: str) -> None:
    boss = make_user("boss", password_hash=_HASH, is_admin=office == "administrator")
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
    make_user("ben", password_hash=_HASH)
    assert give_password(strict, "ben").location == f"{HOME}/"


def test_everyone_reaches_only_where_it_is_set_up(settings_values, request, make_user, clock) -> None:
    settings_values["plein.second_factor"] = "everyone"
    app = request.getfixturevalue("app")
    make_user("ben", password_hash=_HASH)
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


# -- taken away --------------------------------------------------------------------------------------------------------


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
