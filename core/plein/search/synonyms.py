"""Words that mean the same, and what compounds are made of: a list that administrators keep.

A line is ``thuiswerken = telewerken`` (each finds the others) or ``zorgverlof = zorg + verlof`` (the word also finds
what has both parts). It is used when somebody searches, so a change holds at once and nothing is indexed anew.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.search.models import Synonym, SynonymKey
from plein.search.text import words
from plein.web.i18n import _

MAX_LINE, MAX_SIDES, MAX_WORDS, MAX_LINES = 200, 8, 4, 2000


class SynonymError(ValueError):
    """A line that says nothing. ``sentence`` says so to whoever typed it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def sides(line: str) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """What a line says: the words on each side of ``=``, and the parts that stand with ``+``, all folded.

    :raises SynonymError: for a line that says nothing.
    """
    found = [part for part in (side.strip() for side in line.split("=")) if part]
    whole = [tuple(words(side)) for side in found if "+" not in side]
    sums = [tuple(word for part in side.split("+") for word in words(part)) for side in found if "+" in side]
    if len(line) > MAX_LINE or len(found) > MAX_SIDES:
        raise SynonymError(_("This is too long. Make two lines of it."))
    if not all((*whole, *sums)) or any(len(side) > MAX_WORDS for side in (*whole, *sums)):
        raise SynonymError(_("Each side needs one to four words."))
    if len(sums) > 1 or (sums and len(whole) != 1) or (not sums and len(set(whole)) < 2):
        raise SynonymError(
            _("Write words that mean the same with = between them, or one word = its parts with + between them.")
        )
    return list(dict.fromkeys(whole)), sums[0] if sums else ()


class SynonymService:
    """Keeps the list. Never commits."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def all(self) -> Sequence[Synonym]:
        return self.db.scalars(select(Synonym).order_by(Synonym.text, Synonym.id).limit(MAX_LINES)).all()

    def add(self, line: str) -> Synonym:
        """Add a line.

        :raises SynonymError: for one that says nothing or is there already.
        """
        line = " ".join(line.split()).replace("\0", "")
        whole, _parts = sides(line)
        if self.db.scalar(select(Synonym.id).where(Synonym.text == line)) is not None:
            raise SynonymError(_("This line is there already."))
        row = Synonym(text=line)
        self.db.add(row)
        self.db.flush()
        self.db.add_all(SynonymKey(words=" ".join(side), synonym_id=row.id) for side in whole)
        self.db.flush()
        record(self.db, "search_synonym.added", "search_synonym", row.id, line=line)
        return row

    def remove(self, number: int) -> str | None:
        """Remove a line; gives it, ``None`` where it is gone already."""
        row = self.db.get(Synonym, number)
        if row is None:
            return None
        record(self.db, "search_synonym.removed", "search_synonym", row.id, line=row.text)
        self.db.delete(row)
        self.db.flush()
        return row.text
