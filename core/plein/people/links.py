"""Links that work once: to sign in, to accept an invitation, to choose another password.

Opening a link shows a page with a button, because mail scanners and chat previews open links too. Only pressing that
does something, and only what the link is for.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.people.models import SignInLink, User
from plein.people.sessions import hash_token, new_token
from plein.people.standing import may_enter, today

Purpose = Literal["sign_in", "invitation", "reset"]
#: Why a link does nothing: used, too old, never made or replaced by a newer one, or the account does not work.
Why = Literal["", "used", "expired", "unknown", "closed"]

#: How long a link works that somebody hands over themselves.
VALID_FOR = timedelta(days=2)

#: How long one works that is mailed: who is invited may be on holiday, who asked for it is waiting.
MAILED_FOR: dict[str, timedelta] = {"invitation": timedelta(days=7), "reset": timedelta(hours=2)}


@dataclass(frozen=True, slots=True)
class FoundLink:
    """What a link would do: for whom, to which purpose; or *why* nothing."""

    user: User | None
    purpose: str
    why: Why = ""

    @property
    def asks_password(self) -> bool:
        return self.purpose != "sign_in"


def create_link(db: Session, user: User, valid_for: timedelta = VALID_FOR, *, purpose: Purpose = "sign_in") -> str:
    """A new link for *user*; gives the token that stands behind ``/sign-in/link/``, which is stored nowhere.

    Earlier links of this person stop working, and what has long expired is cleared away.
    """
    now, token = utcnow(), new_token()
    unused = (SignInLink.user_id == user.id) & SignInLink.used_at.is_(None)
    db.execute(delete(SignInLink).where(unused | (SignInLink.expires_at < now - timedelta(days=30))))
    db.add(
        SignInLink(
            token_hash=hash_token(token),
            user_id=user.id,
            purpose=purpose,
            created_at=now,
            expires_at=now + valid_for,
        )
    )
    db.flush()
    return token


def look_at(db: Session, token: str) -> FoundLink:
    """What the link would do, without doing it."""
    row = db.execute(
        select(SignInLink, User)
        .join(User, User.id == SignInLink.user_id)
        .where(SignInLink.token_hash == hash_token(token))
    ).one_or_none()
    if row is None:
        return FoundLink(None, "sign_in", "unknown")
    link, user = row
    if link.used_at is not None:
        return FoundLink(None, link.purpose, "used")
    if link.expires_at <= utcnow():
        return FoundLink(None, link.purpose, "expired")
    if not may_enter(user, today()):
        return FoundLink(None, link.purpose, "closed")
    return FoundLink(user, link.purpose)


def use_link(db: Session, token: str) -> User | None:
    """Use the link up and say whom it is for. Of two people who press at the same moment, one gets in."""
    user = look_at(db, token).user
    if user is None:
        return None
    used = db.execute(update(SignInLink).where(*_usable(token)).values(used_at=utcnow()))
    return user if used.rowcount == 1 else None  # type: ignore[attr-defined]


def _usable(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        SignInLink.token_hash == hash_token(token),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > utcnow(),
    )
