"""The words of the site: how rare each is, what compounds are made of, and what somebody may have meant.

The table counts words of all items, also of those that few may read. So nothing of it is ever shown as it is: a word is
suggested only when the person who searches finds something by it (:func:`suggest`), which is the guard's to say.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import delete, func, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.search import engines
from plein.search.models import SearchDocument, SearchGram, SearchWord
from plein.search.query import Lexeme
from plein.search.text import RAW, Parts

#: Stands for the number of items; no word of a text is like it.
ALL = ""
#: A word that makes compounds has so many letters at least, and stands in so many items.
_PART, _PART_DOCUMENTS = 4, 3
_LONGEST_PART = 20
#: What Dutch puts between the parts of a compound.
_BETWEEN = ("", "s", "en", "e", "n")
#: Seconds that the words which make compounds are remembered, and how many.
_REMEMBERED, _MOST_PARTS = 600.0, 50_000
#: A word that looks alike shares this much of its letters in threes.
_ALIKE = 0.35
_CANDIDATES, _LOOKED_AT = 60, 12
_BATCH = 500

_parts: WeakKeyDictionary[Any, tuple[float, frozenset[str]]] = WeakKeyDictionary()


# -- keeping it


def count(db: Session, more: Mapping[str, bool], less: Iterable[str], items: int) -> None:
    """Count one item more for each word of *more*, and one less for each of *less*; *items* more in all."""
    count_many(db, Counter(more.keys()), Counter(less), {word for word, written in more.items() if written}, items)


def count_many(db: Session, more: Counter[str], less: Counter[str], written: set[str], items: int) -> None:
    """The same for several items at once: in one order, so that two at once wait for each other and do not lock."""
    amounts = Counter(more)
    amounts.subtract(less)
    if items:
        amounts[ALL] = items
    rows = [
        {"word": word, "documents": amount, "is_written": word in written}
        for word, amount in sorted(amounts.items())
        if amount
    ]
    known: set[str] = set()
    names = [word for word, amount in sorted(amounts.items()) if amount and word in written]
    for start in range(0, len(names), _BATCH):
        some = names[start : start + _BATCH]
        known.update(db.scalars(select(SearchWord.word).where(SearchWord.word.in_(some), SearchWord.is_written)))
    insert_ = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement: Any = insert_(SearchWord)
    statement = statement.on_conflict_do_update(
        index_elements=["word"],
        set_={
            "documents": SearchWord.documents + statement.excluded.documents,
            "is_written": SearchWord.is_written | statement.excluded.is_written,
        },
    )
    for start in range(0, len(rows), _BATCH):
        db.execute(statement, rows[start : start + _BATCH])
    made = [
        {"gram": gram, "word": name}
        for name in names
        if name not in known and amounts[name] > 0 and 4 <= len(name) <= _LONGEST_PART + 10 and name.isalpha()
        for gram in grams(name)
    ]
    add: Any = insert_(SearchGram).on_conflict_do_nothing()
    for start in range(0, len(made), _BATCH):
        db.execute(add, made[start : start + _BATCH])


def forget_all(db: Session) -> None:
    """Empty it, before all items are indexed anew."""
    db.execute(delete(SearchWord))
    db.execute(delete(SearchGram))


def forget_unused(db: Session) -> None:
    """Leave out the words that stand in no item any more."""
    unused = select(SearchWord.word).where(SearchWord.documents <= 0)
    db.execute(delete(SearchGram).where(SearchGram.word.in_(unused)))
    db.execute(delete(SearchWord).where(SearchWord.documents <= 0))


def grams(word: str) -> set[str]:
    """The letters of *word* in threes, its ends included: ``ver`` gives " ve", "ver", "er "."""
    padded = f" {word} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


# -- compounds


def splits(word: str) -> list[tuple[str, str]]:
    """Every way to read *word* as two words, the longest second one first: ``verlof|aanvraag``."""
    if len(word) < 2 * _PART or not word.isalpha() or len(word) > 2 * _LONGEST_PART:
        return []
    found = []
    for at in range(_PART, len(word) - _PART + 1):
        for between in _BETWEEN:
            first = word[:at].removesuffix(between) if word[:at].endswith(between) else ""
            if len(first) >= _PART:
                found.append((first, word[at:]))
    return found


def parts_by(known: Any) -> Parts:
    """A function that takes compounds apart into words that are *known* (has ``in``)."""

    def parts(word: str) -> tuple[str, ...]:
        return next((pair for pair in splits(word) if pair[0] in known and pair[1] in known), ())

    return parts


def parts_of(db: Session) -> Parts:
    """A function that takes compounds apart into words that several items have. Remembers these for ten minutes."""
    engine = db.get_bind().engine
    at, known = _parts.get(engine, (0.0, frozenset()))
    if not at or time.monotonic() - at > _REMEMBERED:
        rows = db.scalars(
            select(SearchWord.word)
            .where(
                SearchWord.documents >= _PART_DOCUMENTS,
                SearchWord.is_written,
                func.length(SearchWord.word).between(_PART, _LONGEST_PART),
            )
            .order_by(SearchWord.documents.desc())
            .limit(_MOST_PARTS)
        )
        known = frozenset(rows)
        _parts[engine] = (time.monotonic(), known)
    return parts_by(known)


def forget_parts() -> None:
    """Look at the words of the site again at the next compound."""
    _parts.clear()


# -- what somebody may have meant


def alike(db: Session, word: str) -> list[str]:
    """Words of the site that look like *word*, most alike first. Not to be shown: see :func:`suggest`."""
    wanted = grams(word)
    shared = func.count()
    rows = db.execute(
        select(SearchGram.word, shared.label("shared"))
        .where(
            SearchGram.gram.in_(sorted(wanted)),
            func.length(SearchGram.word).between(len(word) - 2, len(word) + 2),
        )
        .group_by(SearchGram.word)
        .order_by(shared.desc(), SearchGram.word)
        .limit(_CANDIDATES)
    )
    judged = []
    for found, shares in rows:
        likeness = shares / (len(wanted) + len(grams(found)) - shares)
        if found != word and (likeness >= _ALIKE or distance(word, found) <= 1):
            judged.append((distance(word, found), -likeness, found))
    return [found for steps, _likeness, found in sorted(judged) if steps <= max(1, len(word) // 4)]


def suggest(db: Session, words: Sequence[str]) -> dict[str, str]:
    """For each of *words* that nothing is found by, the most alike one that *db*'s viewer finds something by.

    Whether the viewer finds something is asked under the guard, so a word that stands only in what they may not read
    is never suggested.
    """
    candidates = {word: alike(db, word)[:_LOOKED_AT] for word in words if len(word) >= _PART}
    asked = sorted({*candidates, *(found for some in candidates.values() for found in some)})
    if not any(candidates.values()):
        return {}
    dialect = db.get_bind().dialect.name
    seen: list[Any] = []
    for found in asked:
        rows: Any = select(literal(found).label("word"), SearchDocument.content_id)
        rows = rows.where(SearchDocument.state.in_(("published", "archived")))
        limited = engines.matching(rows, engines.written(Lexeme(RAW + found), dialect), dialect).limit(1).subquery()
        seen.append(select(limited.c.word))
    found_by = union_all(*seen).subquery()
    visible = set(db.scalars(select(found_by.c.word)))
    return {
        word: next(found for found in some if found in visible)
        for word, some in candidates.items()
        if word not in visible and any(found in visible for found in some)
    }


def distance(one: str, other: str) -> int:
    """How many letters must be added, left out, changed or swapped with the next (Damerau-Levenshtein)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row_before = row, before
        row = [i]
        for j, b in enumerate(other, 1):
            steps = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                steps = min(steps, row_before[j - 2] + 1)
            row.append(steps)
        before = last
    return row[-1]
