"""Words of the glossary: add, change, remove. Never commits; who may do it the views' permissions say."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plein.audit import record
from plein.content.glossary.models import GlossaryTerm
from plein.content.titles import sort_title
from plein.db import utcnow
from plein.security.rights import bump

#: More is a dictionary; each process keeps them all.
MOST = 2_000


class TermTaken(ValueError):
    """The glossary has this word."""


class GlossaryFull(ValueError):
    """The glossary has as many words as it may."""


class GlossaryService:
    """Writes the glossary. Every change gives it another number, by which pages know that it changed."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def all(self) -> Sequence[GlossaryTerm]:
        """Every word, in order. One statement; there are at most ``MOST``."""
        return self.db.scalars(select(GlossaryTerm).order_by(GlossaryTerm.sort_term, GlossaryTerm.id)).all()

    def find(self, number: str) -> GlossaryTerm | None:
        """The word with this number."""
        known = number.isascii() and number.isdigit() and len(number) < 19
        return self.db.get(GlossaryTerm, int(number)) if known else None

    def add(self, term: str, explanation: str, synonyms: Sequence[str] = ()) -> GlossaryTerm:
        """A new word.

        :raises TermTaken: where it is there already; GlossaryFull: where there are as many as there may be.
        """
        if (self.db.scalar(select(func.count()).select_from(GlossaryTerm)) or 0) >= MOST:
            raise GlossaryFull
        found = GlossaryTerm(term=term, sort_term=sort_title(term), explanation=explanation, synonyms=list(synonyms))
        self._write(found)
        record(self.db, "glossary.added", "glossary", found.id, term=term)
        return found

    def change(self, found: GlossaryTerm, term: str, explanation: str, synonyms: Sequence[str]) -> bool:
        """Give a word what it should say; whether that is anything new.

        :raises TermTaken: where another one is written so.
        """
        values: dict[str, Any] = {"term": term, "explanation": explanation, "synonyms": list(synonyms)}
        if all(getattr(found, name) == value for name, value in values.items()):
            return False
        for name, value in values.items():
            setattr(found, name, value)
        found.sort_term, found.updated_at = sort_title(term), utcnow()
        self._write(found)
        record(self.db, "glossary.changed", "glossary", found.id, term=term)
        return True

    def remove(self, found: GlossaryTerm) -> None:
        """Take a word out."""
        record(self.db, "glossary.removed", "glossary", found.id, term=found.term)
        self.db.delete(found)
        self.db.flush()
        bump(self.db)

    def _write(self, found: GlossaryTerm) -> None:
        try:
            with self.db.begin_nested():
                self.db.add(found)
                self.db.flush()
        except IntegrityError as error:
            raise TermTaken from error
        # The stamp that comes with every viewer anyway: the glossary costs pages no statement.
        bump(self.db)
