"""What sign-in needs to know of an account, read and hashed outside any writing transaction.

Hashing a password takes a tenth of a second; a transaction that waited for it would keep everybody else from writing.
"""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, select

from plein.db import open_session
from plein.people.models import User
from plein.people.passwords import hash_password, needs_rehash, verify_password
from plein.people.services import fold_login


class Account(NamedTuple):
    """An account as it was a moment ago."""

    id: int
    login: str
    name: str
    email: str
    state: str
    password_hash: str


def by_login(engine: Engine, login: str) -> Account | None:
    return _read(engine, User.login == fold_login(login))


def by_id(engine: Engine, user_id: int) -> Account | None:
    return _read(engine, User.id == user_id)


def _read(engine: Engine, which: ColumnElement[bool]) -> Account | None:
    with open_session(engine) as session:
        row = session.execute(
            select(User.id, User.login, User.name, User.email, User.state, User.password_hash).where(which)
        ).one_or_none()
    return Account(*row) if row is not None else None


def check_password(account: Account | None, password: str) -> bool:
    """Whether *password* signs in to *account*.

    One hash is made, whoever it is: an unknown name, a suspended account and one without a password take as long as
    a wrong password.
    """
    usable = account is not None and account.state == "active"
    return verify_password(account.password_hash if account is not None and usable else "", password)


def better_hash(account: Account, password: str) -> str | None:
    """A new hash of the right *password*, when the stored one was made with older parameters."""
    return hash_password(password) if needs_rehash(account.password_hash) else None
