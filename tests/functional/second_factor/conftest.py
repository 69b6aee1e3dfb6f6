"""A clock that stands still, and somebody with an app that shows codes."""

from typing import Any

import pyotp
import pytest
from known_password import PASSWORD_HASH
from second_factor import KEY

from plein.people.models import User
from plein.people.second_factor import codes
from plein.people.second_factor.codes import AppCodes
from plein.testing import SECRET


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
    user = make_user("anna", name="Anna", password_hash=PASSWORD_HASH)
    AppCodes(db, SECRET).set_up(user, KEY, 0)
    db.commit()
    return user
