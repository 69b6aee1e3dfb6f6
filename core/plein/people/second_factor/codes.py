"""Codes of an app (TOTP, RFC 6238): six digits, another one every thirty seconds, each good for one time."""

import time
from hmac import compare_digest

import pyotp
import segno
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.people.models import User
from plein.people.second_factor.models import Totp
from plein.people.second_factor.sealing import Sealer
from plein.web.html import Html

SECONDS = 30
#: A clock may be this many half minutes off, either way.
DRIFT = 1


def new_secret() -> str:
    """160 random bits in base 32, as apps read and people type them."""
    return pyotp.random_base32()


def in_groups(secret: str) -> str:
    """*secret* with a space after every four signs, for who types it over."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def picture(secret: str, login: str, site_name: str) -> Html:
    """The QR code that an app reads, as SVG without inline style; white around it in the dark too, for cameras."""
    address = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=site_name.replace(":", " "))
    return Html(segno.make(address, micro=False).svg_inline(scale=4, border=4, light="#fff", svgclass="qr"))


def matching_step(secret: str, code: str, *, after: int = 0) -> int | None:
    """The half minute that *code* belongs to, if that is about now and later than *after*."""
    digits = "".join(code.split())
    now = int(time.time()) // SECONDS
    codes = pyotp.TOTP(secret)
    found = None
    # All of them, always: how long it takes says nothing.
    for step in range(now - DRIFT, now + DRIFT + 1):
        if compare_digest(codes.generate_otp(step).encode(), digits.encode("utf-8", "backslashreplace")):
            found = step
    return found if found is not None and found > after else None


class AppCodes:
    """The app of one person. Never commits."""

    def __init__(self, db: Session, secret: str) -> None:
        """:param secret: ``plein.secret``."""
        self.db = db
        self._sealer = Sealer(secret, "totp")

    def set_up(self, user: User, secret: str, step: int) -> None:
        """Keep *secret*, of which the code of *step* was just right. It takes the place of an earlier app."""
        self.remove(user.id)
        now, sealed = utcnow(), self._sealer.seal(secret, user.id)
        self.db.add(Totp(user_id=user.id, secret=sealed, last_step=step, created_at=now, last_used_at=now))
        self.db.flush()

    def remove(self, user_id: int) -> bool:
        """Says whether there was one."""
        return bool(self.db.execute(delete(Totp).where(Totp.user_id == user_id)).rowcount)  # type: ignore[attr-defined]

    def use(self, user_id: int, code: str) -> bool:
        """Whether *code* is right now. It is used up by asking: of two who give it at the same moment, one gets in."""
        row = self.db.execute(select(Totp.secret, Totp.last_step).where(Totp.user_id == user_id)).one_or_none()
        secret = self._sealer.open(row.secret, user_id) if row is not None else None
        step = matching_step(secret, code, after=row.last_step) if row is not None and secret is not None else None
        if step is None:
            return False
        used = self.db.execute(
            update(Totp)
            .where(Totp.user_id == user_id, Totp.last_step < step)
            .values(last_step=step, last_used_at=utcnow())
        )
        return bool(used.rowcount == 1)  # type: ignore[attr-defined]
