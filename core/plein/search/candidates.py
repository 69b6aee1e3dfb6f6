"""The items among which the best are chosen: at most a few hundred, however many have the words. See ADR 0026.

A word that stands on nearly every page costs no more than a rare one: each place where words can stand (title, tags,
headings, text) gives its newest items only, those of better places first. What is ranked, counted and leafed through is
what these give together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Select, Text, and_, bindparam, func, literal, or_, select, true, union_all
from sqlalchemy.orm import Session

from plein.db import UTCDateTime
from plein.people.models import User
from plein.search import engines
from plein.search.models import SearchDocument
from plein.search.query import Expression
from plein.security.viewer import Viewer

#: So many items are ranked at most; of better places so many each; and so many for each word where none has all.
CANDIDATES, OF_A_PLACE, OF_A_WORD = 300, 100, 100
#: Words that are looked for alone where no item has all, those that say most.
WORDS = 6

STATES = ("archived", "draft", "all")
SORTS = ("date",)


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search. Whatever makes no sense narrows to nothing, or is left out by who reads the address.

    :param person: what the author or owner signs in with. :param since: changed on this day or later.
    :param until: on this day or before. :param state: one of :data:`STATES`; empty for all that is not archived.
    """

    space_id: int | None = None
    type_name: str = ""
    tag: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None
    state: str = ""
    has_files: bool = False

    def __bool__(self) -> bool:
        """Whether it narrows at all: then a search needs no words."""
        return self != Filters()

    def values(self, viewer: Viewer, zone: ZoneInfo) -> dict[str, Any]:
        """What is asked of :class:`SearchDocument`: names of :data:`_CLAUSES` with what each compares with."""
        found: dict[str, Any] = {self.state if self.state in STATES else "live": viewer.user_id}
        if self.space_id is not None:
            found["space"] = self.space_id
        if self.type_name:
            found["type"] = self.type_name
        if self.person:
            found["person"] = self.person.casefold()
        if self.since:
            found["since"] = datetime.combine(self.since, time(), zone)
        if self.until and self.until < date.max:
            found["until"] = datetime.combine(self.until + timedelta(days=1), time(), zone)
        if self.has_files:
            found["files"] = True
        return found


def _people(value: Any) -> Any:
    who = select(User.id).where(User.login == value)
    return or_(SearchDocument.author_id.in_(who), SearchDocument.owner_id.in_(who))


def _own_drafts(value: Any) -> Any:
    own = or_(SearchDocument.author_id == value, SearchDocument.owner_id == value)
    return and_(SearchDocument.state.in_(("draft", "scheduled")), own)


#: Conditions on :class:`SearchDocument`, each made of the value that it compares with.
_CLAUSES: Mapping[str, Callable[[Any], Any]] = {
    "live": lambda _value: SearchDocument.state != "archived",
    "archived": lambda _value: SearchDocument.state == "archived",
    "draft": _own_drafts,
    "all": lambda _value: true(),
    "space": lambda value: SearchDocument.space_id == value,
    "type": lambda value: SearchDocument.type == value,
    "person": _people,
    "since": lambda value: SearchDocument.updated_at >= value,
    "until": lambda value: SearchDocument.updated_at < value,
    "files": lambda _value: SearchDocument.has_files.is_(True),
}
_TYPES: Mapping[str, Any] = {"draft": BigInteger, "space": BigInteger, "since": UTCDateTime, "until": UTCDateTime}

#: The place and the limit of each branch of a statement.
Branches = tuple[tuple[int, int], ...]


def candidates(db: Session, places: Sequence[tuple[int, Expression]], values: Mapping[str, Any]) -> Sequence[Any]:
    """The items that fit, each with its best place (``tier``); one more than :data:`CANDIDATES` where there are more.

    :param places: expressions with the number of the place each stands for; the last one fits every item.
    :param values: see :meth:`Filters.values`.
    """
    limits = [OF_A_PLACE] * (len(places) - 1) + [CANDIDATES + 1]
    return _run(db, places, limits, values)


def loosened(db: Session, places: Sequence[tuple[int, Expression]], values: Mapping[str, Any]) -> Sequence[Any]:
    """Items that have some of the words; *places* as :func:`candidates` has them."""
    return _run(db, places, [OF_A_WORD] * len(places), values)


def newest(db: Session, values: Mapping[str, Any]) -> Sequence[Any]:
    """The items that were changed last, where only filters are given."""
    narrowed = select(SearchDocument.content_id, literal(0).label("tier")).where(*_narrowed(values))
    last = narrowed.order_by(SearchDocument.updated_at.desc(), SearchDocument.content_id.desc())
    return db.execute(_together([select(last.limit(CANDIDATES + 1).subquery())]), dict(values)).all()


def _run(
    db: Session, places: Sequence[tuple[int, Expression]], limits: Sequence[int], values: Mapping[str, Any]
) -> Sequence[Any]:
    dialect = db.get_bind().dialect.name
    branches = tuple((tier, limit) for (tier, _asked), limit in zip(places, limits, strict=True))
    asked = {f"asked_{at}": engines.written(one, dialect) for at, (_tier, one) in enumerate(places)}
    return db.execute(_statement(dialect, branches, tuple(values)), {**values, **asked}).all()


@lru_cache(maxsize=256)
def _statement(dialect: str, branches: Branches, names: tuple[str, ...]) -> Select[Any]:
    """A statement with parameters for what is asked: making and narrowing one takes longer than a rare word does."""
    found = []
    for at, (tier, limit) in enumerate(branches):
        narrowed: Any = select(SearchDocument.content_id, literal(tier).label("tier")).where(*_narrowed(names))
        asked: Any = bindparam(f"asked_{at}", type_=Text)
        found.append(select(engines.matching(narrowed, asked, dialect).limit(limit).subquery()))
    return _together(found)


def _narrowed(names: Iterable[str]) -> list[Any]:
    return [_CLAUSES[name](bindparam(name, type_=_TYPES.get(name, Text))) for name in names]


def _together(branches: Sequence[Select[Any]]) -> Select[Any]:
    found = (union_all(*branches) if len(branches) > 1 else branches[0]).subquery()
    best = func.max(found.c.tier).label("tier")
    together = (
        select(found.c.content_id, best)
        .group_by(found.c.content_id)
        .order_by(best.desc(), found.c.content_id.desc())
        .limit(CANDIDATES + 1)
        .subquery()
    )
    columns: Any = select(
        SearchDocument.content_id,
        SearchDocument.type,
        SearchDocument.space_id,
        SearchDocument.title_words,
        SearchDocument.updated_at,
        SearchDocument.reviewed_at,
        SearchDocument.review_on,
        SearchDocument.open_reports,
        SearchDocument.popularity,
        SearchDocument.weights,
        together.c.tier,
    )
    return cast(Any, columns.join(together, together.c.content_id == SearchDocument.content_id))
