"""Between the password and the second factor: who that is stands here, behind a token in a short-lived cookie.

It signs nobody in, names one account, and ends after ten minutes, when it is used, and when the password changes.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.people.models import User
from plein.people.second_factor.models import PendingSignIn
from plein.people.sessions import hash_token, new_token
from plein.people.standing import is_active

COOKIE = "plein-second"
VALID_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody of whom the first half is known.

    :param method: what that half was: ``password``, ``link``, or a provider.
    :param identity: who the provider says it is, where it was one.
    """

    user: User
    method: str
    following: str
    identity: dict[str, Any] | None


def begin(db: Session, user: User, following: str, *, method: str, identity: dict[str, Any] | None = None) -> str:
    """Note that *user* gave the first half; gives the token for the cookie. What has expired is cleared away."""
    now, token = utcnow(), new_token()
    db.execute(delete(PendingSignIn).where(PendingSignIn.expires_at < now))
    db.add(
        PendingSignIn(
            token_hash=hash_token(token),
            user_id=user.id,
            password_mark=_mark(user),
            method=method,
            following=following,
            identity=identity,
            expires_at=now + VALID_FOR,
        )
    )
    db.flush()
    return token


def find(db: Session, token: str) -> Pending | None:
    """Who is behind *token*, unless it is too old, or the account or its password changed."""
    row = db.execute(
        select(PendingSignIn, User)
        .join(User, User.id == PendingSignIn.user_id)
        .where(PendingSignIn.token_hash == hash_token(token), PendingSignIn.expires_at > utcnow(), is_active(User))
    ).one_or_none()
    if row is None or row[0].password_mark != _mark(row[1]):
        return None
    return Pending(row[1], row[0].method, row[0].following, row[0].identity)


def finish(db: Session, token: str) -> bool:
    """Use it up; ``False`` where another request was first."""
    gone = db.execute(delete(PendingSignIn).where(PendingSignIn.token_hash == hash_token(token)))
    return bool(gone.rowcount == 1)  # type: ignore[attr-defined]


def _mark(user: User) -> str:
    return sha256(f"password\0{user.password_hash}".encode()).hexdigest()
