"""What people looked for in vain, as words and numbers, so that somebody can help the next one. Never who.

The rule: words are counted for a day, and shown only once three different people looked for them on that day. To know
three people from one who tries three times, a search leaves a mark: a number from 0 to 15, made of the person, the
words, the day and the site's secret. Sixteen values point at nobody, three different ones are three people, and they
are thrown away as soon as there are three. What fewer people looked for is gone after a day.

Questions that may hold personal data are not counted at all: with an address, many digits, or more than six words.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.db.aside import aside
from plein.search.models import MissedSearch
from plein.search.text import words

#: So many different people, before anybody sees the words.
PEOPLE = 3
_MARKS = 16
#: How long the report goes back.
KEPT = timedelta(days=90)
_MOST_WORDS, _LONGEST = 6, 80
_PATIENCE_MS = 100
_PERSONAL = re.compile(r"@|://|\bwww\.|(?:\d[\s.\-/]?){5,}")


@dataclass(frozen=True, slots=True)
class Missed:
    """Words that were looked for in vain, how often, and when last."""

    words: str
    times: int
    last: date


def countable(text: str) -> str:
    """The words of a question as they are counted; empty where it may hold personal data."""
    found = words(text)

    if not found or len(found) > _MOST_WORDS or len(text) > _LONGEST or _PERSONAL.search(text):
        return ""
    return " ".join(found)


def note(engine: Engine, secret: str, user_id: int | None, text: str) -> None:
    """Count a search that found nothing. May be lost when the database is busy."""
    found = countable(text)
    if not found:
        return
    day = utcnow().date()
    mark = hmac.digest(secret.encode(), f"{day}|{user_id}|{found}".encode(), hashlib.sha256)[0] % _MARKS
    insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
    same = (MissedSearch.day == day, MissedSearch.words == found)
    table: Any = MissedSearch.__table__
    try:
        with aside(engine, wait_ms=_PATIENCE_MS) as connection:
            made = insert(table).values(day=day, words=found, times=0, marks=[]).on_conflict_do_nothing()
            connection.execute(made)
            row = connection.execute(select(table.c.times, table.c.marks).where(*same).with_for_update()).one()
            if row.times:
                values = {"times": row.times + 1, "marks": []}
            else:
                marks = sorted({*row.marks, mark})
                values = {"times": PEOPLE, "marks": []} if len(marks) >= PEOPLE else {"times": 0, "marks": marks}
            connection.execute(table.update().where(*same).values(values))
    except OperationalError:
        return


def report(db: Session, limit: int = 100) -> Sequence[Missed]:
    """What at least three people looked for on one day, most often first."""
    times = func.sum(MissedSearch.times)
    rows = db.execute(
        select(MissedSearch.words, times.label("times"), func.max(MissedSearch.day).label("last"))
        .where(MissedSearch.times > 0)
        .group_by(MissedSearch.words)
        .order_by(times.desc(), MissedSearch.words)
        .limit(limit)
    )
    return [Missed(row.words, int(row.times), row.last) for row in rows]


def forget(db: Session, found: str) -> None:
    """Leave these words out of the report: something was done about them."""
    db.execute(delete(MissedSearch).where(MissedSearch.words == found))


def forget_old(db: Session) -> None:
    """Forget what is old, and what fewer than three people looked for on a day that is over."""
    today = utcnow().date()
    few = (MissedSearch.times == 0) & (MissedSearch.day < today)
    db.execute(delete(MissedSearch).where(or_(MissedSearch.day < today - KEPT, few)))
