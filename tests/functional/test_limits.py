"""Rate limits: counted in the database, also for what is refused; and no lock-out of others."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyramid.testing import DummyRequest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.db import open_session
from plein.people import accounts
from plein.people.passwords import DUMMY_HASH
from plein.security.limits import KEEP_SECONDS, Limit, RateLimiter, limit
from plein.security.models import RateCounter


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(engine: Engine, clock: Clock) -> RateLimiter:
    return RateLimiter(engine, {"sign_in": Limit(3, 300), "free": Limit(0, 60)}, clock)


def test_more_than_the_limit_must_wait_until_the_window_ends(limiter: RateLimiter, clock: Clock) -> None:
    clock.now += 100
    assert [limiter.hit("sign_in", "a") for _number in range(4)] == [0, 0, 0, 200]
    assert limiter.hit("sign_in", "b") == 0
    clock.now += 200
    assert limiter.hit("sign_in", "a") == 0


def test_looking_does_not_count(limiter: RateLimiter) -> None:
    for _number in range(5):
        assert limiter.look("sign_in", "a") == 0
    for _number in range(3):
        limiter.hit("sign_in", "a")
    assert limiter.look("sign_in", "a") == 300


def test_no_limit_writes_nothing(limiter: RateLimiter, db: Session) -> None:
    assert [limiter.hit("free", "a") for _number in range(9)] == [0] * 9
    assert db.execute(select(func.count()).select_from(RateCounter)).scalar_one() == 0


def test_counts_can_be_given_back_and_forgotten(limiter: RateLimiter) -> None:
    for _number in range(3):
        limiter.hit("sign_in", "a")
    limiter.give_back("sign_in", "a")
    assert limiter.hit("sign_in", "a") == 0
    limiter.forget("sign_in", "a")
    assert [limiter.hit("sign_in", "a") for _number in range(3)] == [0, 0, 0]


def test_old_windows_are_thrown_away(limiter: RateLimiter, clock: Clock, db: Session) -> None:
    limiter.hit("sign_in", "a")
    clock.now += KEEP_SECONDS + 600
    limiter.hit("sign_in", "b")
    assert db.execute(select(RateCounter.key)).scalars().all() == ["sign_in:b"]


@pytest.fixture
def wrong_password(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(accounts, "verify_password", lambda _hash, password: password == "right")
    yield


def attempt(browser: TestApp, login: str, password: str = "wrong", address: str = "203.0.113.1") -> Any:
    browser.extra_environ["REMOTE_ADDR"] = address
    form = next(one for one in browser.get("/sign-in").forms.values() if one.action == "/sign-in")
    form["login"], form["password"] = login, password
    return form.submit(status="*")


def test_eleventh_wrong_password_must_wait(app: TestApp, make_user, wrong_password: None) -> None:
    make_user("anna", password_hash=DUMMY_HASH)
    make_user("ben", password_hash=DUMMY_HASH)
    assert [attempt(app, "anna").status_int for _number in range(11)] == [422] * 10 + [429]
    refused = attempt(app, "anna", "right")
    assert refused.status_int == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    # Neither a colleague at this address nor the same person elsewhere is locked out.
    assert attempt(app, "ben", "right").status_int == 303
    elsewhere = TestApp(app.app, extra_environ=dict(app.extra_environ))
    assert attempt(elsewhere, "anna", "right", "198.51.100.7").status_int == 303


def test_right_password_starts_the_count_again(app: TestApp, make_user, wrong_password: None, db: Session) -> None:
    make_user("anna", password_hash=DUMMY_HASH)
    attempt(app, "anna")
    assert attempt(app, "anna", "right").status_int == 303
    counted = db.execute(select(RateCounter.hits).where(RateCounter.key.like("sign_in:%"))).scalars().all()
    assert sorted(counted) == [1, 1]


def test_forged_forwarded_address_gives_no_new_attempts(app: TestApp, wrong_password: None) -> None:
    codes = []
    for number in range(11):
        app.extra_environ["HTTP_X_FORWARDED_FOR"] = f"198.51.100.{number}"
        codes.append(attempt(app, "anna").status_int)
    assert codes[-1] == 429


@pytest.fixture
def low(settings_values: dict[str, str]) -> None:
    settings_values["plein.write_limit"] = "3"


def test_changes_are_limited_and_refused_ones_count(low: None, app: TestApp, make_user, as_user) -> None:
    browser = as_user(make_user("anna"))
    codes = [browser.post("/me/preferences", {"name": "x"}, status="*").status_int for _number in range(4)]
    assert codes == [403, 403, 403, 429]
    assert as_user(make_user("ben")).post("/me/preferences", status="*").status_int == 403


def test_counting_in_a_writing_request_does_not_wait_for_its_own_lock(
    app: TestApp, engine: Engine, db: Session
) -> None:
    request = DummyRequest()
    request.registry = app.app.registry
    with open_session(engine, writes=True) as session:
        # The first statement takes SQLite's one write lock.
        session.execute(select(RateCounter.key))
        request.db = session
        limit(request, "upload", "a")
        session.rollback()
    request._process_finished_callbacks()
    assert db.execute(select(RateCounter.hits).where(RateCounter.key == "upload:a")).scalar_one() == 1
