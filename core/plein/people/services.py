"""The rules about accounts: who may be made, changed, suspended, and how a password is set.

Nothing here hashes: a hash is handed in, made before the writing transaction began.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Row, delete, func, or_, select
from sqlalchemy.orm import Session

from plein.people.models import SignInLink, User
from plein.people.offices import another_administrator
from plein.people.sessions import SessionService

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,62}[a-z0-9]")

#: Rows of a page of people.
PAGE = 50


class LoginTakenError(ValueError):
    """Somebody else signs in with this name."""


class LastAdministratorError(ValueError):
    """Without this person nobody could administer the site."""


class FrozenError(ValueError):
    """The data of this account may not be used: it stays as it is until it is frozen no longer."""


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
            self._must_keep_an_administrator(user)
        if (user.is_admin, user.kind) != (is_admin, kind):
            SessionService(self.db).end_all(user.id)
        user.name, user.email, user.kind, user.is_admin = name, email, kind, is_admin
        self.db.flush()

    def suspend(self, user: User) -> None:
        """Nobody signs in with this account any more, and whoever is, is out at once. What they wrote stays.

        :raises FrozenError: where it is frozen, which is more.
        :raises LastAdministratorError: when nobody would be left to administer.
        """
        if user.state == "frozen":
            raise FrozenError(user.login)
        if user.is_admin:
            self._must_keep_an_administrator(user)
        user.state = "suspended"
        SessionService(self.db).end_all(user.id)
        self.db.execute(delete(SignInLink).where(SignInLink.user_id == user.id))
        self.db.flush()

    def restore(self, user: User) -> None:
        """The account works again; its person signs in anew.

        :raises FrozenError: where somebody has to decide about its data first.
        """
        if user.state == "frozen":
            raise FrozenError(user.login)
        user.state = "active"
        self.db.flush()

    def set_password(self, user: User, password_hash: str, *, keep_session: int | None = None) -> None:
        """Another password: every other session ends, and sign-in links stop working."""
        user.password_hash = password_hash
        SessionService(self.db).end_all(user.id, keep=keep_session)
        self.db.execute(delete(SignInLink).where(SignInLink.user_id == user.id))
        self.db.flush()

    def page(self, *, after: str = "", text: str = "", everybody: bool = False) -> Page:
        """People by login, after the login *after*: id, login, name, email, kind, state, is_admin, created_at.

        :param text: a part of the name, login or address.
        :param everybody: suspended accounts and guests too, for administrators.
        """
        rows = select(
            User.id, User.login, User.name, User.email, User.kind, User.state, User.is_admin, User.created_at
        ).order_by(User.login)
        if after:
            rows = rows.where(User.login > after)
        if not everybody:
            rows = rows.where(User.state == "active", User.kind == "person")
        if text.strip():
            part = f"%{_escaped(text.strip().casefold())}%"
            rows = rows.where(
                or_(*(func.lower(column).like(part, escape="\\") for column in (User.login, User.name, User.email)))
            )
        found = self.db.execute(rows.limit(PAGE + 1)).all()
        return Page(found[:PAGE], found[PAGE - 1].login if len(found) > PAGE else None)

    def _must_keep_an_administrator(self, user: User) -> None:
        if not another_administrator(self.db, user.id):
            raise LastAdministratorError(user.login)


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
