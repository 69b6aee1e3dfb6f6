"""The people who may approve in a space: by their role there, of their own or by a group."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plein.people.models import User
from plein.spaces.belonging import people_in

#: More are not asked at once, and not offered to choose from.
MOST = 200


def people_who_approve(db: Session, space_id: int, roles: Iterable[str], but: int | None = None) -> Sequence[Any]:
    """Whoever has one of *roles* in a space and whose account works, by name: id, login, name. One statement.

    :param but: not this person: nobody approves their own.
    """
    query = (
        select(User.id, User.login, User.name)
        .where(User.id.in_(people_in(space_id, roles)), User.id != (but if but is not None else 0))
        .order_by(func.lower(User.name), User.id)
    )
    return db.execute(query.limit(MOST)).all()
