"""What sign-in needs to know of an account, read and hashed outside any writing transaction.

Hashing a password takes a tenth of a second; a transaction that waited for it would keep everybody else from writing.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, func, or_, select

from plein.db import open_session
from plein.people.models import User
from plein.people.passwords import hash_password, needs_rehash, verify_password
from plein.people.services import fold_login
from plein.people.standing import today


class Account(NamedTuple):
    """An account as it was a moment ago."""

    id: int
    login: str
    name: str
    email: str
    state: str
    password_hash: str
    ends_on: date | None = None


_COLUMNS = (User.id, User.login, User.name, User.email, User.state, User.password_hash, User.ends_on)


def by_login(engine: Engine, login: str) -> Account | None:
    return _read(engine, User.login == fold_login(login))


def by_id(engine: Engine, user_id: int) -> Account | None:
    return _read(engine, User.id == user_id)


def by_login_or_email(engine: Engine, text: str) -> Account | None:
    """The account with this login, or the only one with this address: for what is mailed to that very address."""
    named = fold_login(text)
    with open_session(engine) as session:
        rows = session.execute(
            select(*_COLUMNS).where(or_(User.login == named, func.lower(User.email) == named)).limit(2)
        ).all()
    found = [row for row in rows if row.login == named] or rows
    return Account(*found[0]) if len(found) == 1 else None


def own_words(account: Any, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """What others expect in the password of *account*: their names, and those of the site and the organisation."""
    site = (settings["plein.site_name"], *settings["plein.password_words"])
    return (account.login, account.name, account.email, *site)


def _read(engine: Engine, which: ColumnElement[bool]) -> Account | None:
    with open_session(engine) as session:
        row = session.execute(select(*_COLUMNS).where(which)).one_or_none()
    return Account(*row) if row is not None else None


def check_password(account: Account | None, password: str) -> bool:
    """Whether *password* signs in to *account*.

    One hash is made, whoever it is: an unknown name, a suspended account and one without a password take as long as
    a wrong password.
    """
    usable = account is not None and account.state == "active" and (account.ends_on or date.max) >= today()
    return verify_password(account.password_hash if account is not None and usable else "", password)


def better_hash(account: Account, password: str) -> str | None:
    """A new hash of the right *password*, when the stored one was made with older parameters."""
    return hash_password(password) if needs_rehash(account.password_hash) else None
