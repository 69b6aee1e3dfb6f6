"""Links that sign in once: for a first administrator, a new colleague, a forgotten password.

Opening a link shows a button, because mail scanners and chat previews open links too. Only pressing it signs in.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.people.models import SignInLink, User
from plein.people.sessions import hash_token, new_token

#: How long a link works when nobody says otherwise.
VALID_FOR = timedelta(days=2)


def create_link(db: Session, user: User, valid_for: timedelta = VALID_FOR) -> str:
    """A new link for *user*; gives the token that stands behind ``/sign-in/link/``, which is stored nowhere.

    Earlier links of this person stop working, and what has long expired is cleared away.
    """
    now, token = utcnow(), new_token()
    db.execute(
        delete(SignInLink).where((SignInLink.user_id == user.id) | (SignInLink.expires_at < now - timedelta(days=30)))
    )
    db.add(SignInLink(token_hash=hash_token(token), user_id=user.id, created_at=now, expires_at=now + valid_for))
    db.flush()
    return token


def find_user(db: Session, token: str) -> User | None:
    """Whom the link would sign in; ``None`` when it is used, expired or unknown, or the person is suspended."""
    return db.execute(
        select(User).join(SignInLink, SignInLink.user_id == User.id).where(*_usable(token), User.state == "active")
    ).scalar_one_or_none()


def use_link(db: Session, token: str) -> User | None:
    """Use the link up and say whom it signs in. Of two people who press at the same moment, one gets in."""
    user = find_user(db, token)
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
