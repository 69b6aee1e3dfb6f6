"""The rules about accounts: who may be made, changed, suspended, and how a password is set.

Nothing here hashes: a hash is handed in, made before the writing transaction began.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Row, delete, func, or_, select
from sqlalchemy.orm import Session

from plein.people.lifecycle import FrozenError, LastAdministratorError, must_keep_an_administrator
from plein.people.models import STATES, SignInLink, User
from plein.people.sessions import SessionService

__all__ = ["FrozenError", "LastAdministratorError", "LoginTakenError", "PeopleService", "fold_login"]

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,62}[a-z0-9]")

#: Rows of a page of people.
PAGE = 50


class LoginTakenError(ValueError):
    """Somebody else signs in with this name."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the key to ask for the rest with (``None`` at the end)."""

    rows: Sequence[Row]
    next: str | None


def fold_login(login: str) -> str:
    """What somebody typed to sign in, as it is stored."""
    return login.strip().casefold()


class PeopleService:
    """Accounts. Never commits."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def create(
        self,
        *,
        login: str,
        name: str,
        email: str = "",
        kind: str = "person",
        is_admin: bool = False,
        password_hash: str = "",
        locale: str | None = None,
        state: str = "active",
    ) -> User:
        """A new account.

        :param password_hash: from :func:`plein.people.passwords.hash_password`; empty for who signs in by a link.
        :param state: invited for who is to come in for the first time by a link.
        :raises LoginTakenError: when the login is in use.
        :raises ValueError: for a login that nobody could type.
        """
        login = fold_login(login)
        if not LOGIN.fullmatch(login):
            raise ValueError(f"{login!r} cannot be a login: letters a–z, digits and . _ @ - only, two or more")
        if self.find(login) is not None:
            raise LoginTakenError(login)
        user = User(
            uid=str(uuid4()),
            login=login,
            name=name.strip(),
            email=email.strip(),
            kind=kind,
            is_admin=is_admin,
            password_hash=password_hash,
            locale=locale,
            state=state,
        )
        self.db.add(user)
        self.db.flush()
        return user

    def find(self, login: str) -> User | None:
        """The account with this login, in any state."""
        return self.db.execute(select(User).where(User.login == fold_login(login))).scalar_one_or_none()

    def change(self, user: User, *, name: str, email: str, kind: str, is_admin: bool) -> None:
        """Change an account. Other rights end its sessions: nobody goes on working with what was taken away.

        :raises LastAdministratorError: when nobody would be left to administer.
        """
        if user.is_admin and not is_admin:
            must_keep_an_administrator(self.db, user)
        if (user.is_admin, user.kind) != (is_admin, kind):
            SessionService(self.db).end_all(user.id)
        user.name, user.email, user.kind, user.is_admin = name, email, kind, is_admin
        self.db.flush()

    def set_password(self, user: User, password_hash: str, *, keep_session: int | None = None) -> None:
        """Another password: every other session ends, and sign-in links stop working."""
        user.password_hash = password_hash
        SessionService(self.db).end_all(user.id, keep=keep_session)
        self.db.execute(delete(SignInLink).where(SignInLink.user_id == user.id))
        self.db.flush()

    def page(self, *, after: str = "", text: str = "", only: str = "") -> Page:
        """Accounts by login, after the login *after*, with what a list of them shows.

        :param text: a part of the name, login or address.
        :param only: ``guests``, or a state; anything else is everybody.
        """
        columns = (User.id, User.login, User.name, User.email, User.kind, User.state, User.is_admin)
        rows = select(*columns, User.created_at, User.ends_on).order_by(User.login)
        if after:
            rows = rows.where(User.login > after)
        if only == "guests":
            rows = rows.where(User.kind == "guest")
        elif only in STATES:
            rows = rows.where(User.state == only)
        if text.strip():
            part = f"%{_escaped(text.strip().casefold())}%"
            rows = rows.where(
                or_(*(func.lower(column).like(part, escape="\\") for column in (User.login, User.name, User.email)))
            )
        found = self.db.execute(rows.limit(PAGE + 1)).all()
        return Page(found[:PAGE], found[PAGE - 1].login if len(found) > PAGE else None)


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
