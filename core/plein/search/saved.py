"""Searches that somebody keeps for themselves, under a name: the question with its filters."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plein.search.models import SavedSearch

MAX_SAVED, MAX_NAME = 50, 80


class TooManySaved(ValueError):
    """A list that long is read by nobody."""


class SavedService:
    """The saved searches of one person. Never commits."""

    def __init__(self, db: Session, user_id: int) -> None:
        self.db = db
        self.user_id = user_id

    def all(self, limit: int = MAX_SAVED) -> Sequence[SavedSearch]:
        """Newest first. One statement."""
        mine = select(SavedSearch).where(SavedSearch.user_id == self.user_id)
        return self.db.scalars(mine.order_by(SavedSearch.id.desc()).limit(limit)).all()

    def save(self, name: str, question: Mapping[str, str]) -> SavedSearch:
        """Keep *question* as *name*; one of that name is replaced.

        :raises TooManySaved: when there are :data:`MAX_SAVED`.
        """
        mine = SavedSearch.user_id == self.user_id
        row = self.db.scalar(select(SavedSearch).where(mine, SavedSearch.name == name))
        if row is None:
            if (self.db.scalar(select(func.count(SavedSearch.id)).where(mine)) or 0) >= MAX_SAVED:
                raise TooManySaved
            row = SavedSearch(user_id=self.user_id, name=name)
            self.db.add(row)
        row.question = dict(question)
        self.db.flush()
        return row

    def forget(self, number: int) -> SavedSearch | None:
        """Forget one of this person; gives it, ``None`` where there is none."""
        row: Any = self.db.scalar(
            select(SavedSearch).where(SavedSearch.user_id == self.user_id, SavedSearch.id == number)
        )
        if row is not None:
            self.db.delete(row)
            self.db.flush()
        return row
