"""What people are called, for whoever shows ids of people to others."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.people.models import User


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person as pages name them; ``login`` leads to their profile."""

    id: int
    login: str
    name: str


def names_of(db: Session, ids: Iterable[int | None]) -> dict[int, PersonName]:
    """The names of people by id, in one statement. Whoever is not there is left out."""
    wanted = sorted({one for one in ids if one is not None})
    if not wanted:
        return {}
    rows = db.execute(select(User.id, User.login, User.name).where(User.id.in_(wanted)))
    return {row.id: PersonName(row.id, row.login, row.name) for row in rows}
