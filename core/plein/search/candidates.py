"""The items among which the best are chosen: at most a few hundred, however many have the words. See ADR 0026.

A word that stands on nearly every page costs no more than a rare one: each place where words can stand (title, tags,
headings, text) gives its newest items only, those of better places first. What is ranked, counted and leafed through is
what these give together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, true, union_all
from sqlalchemy.orm import Session

from plein.people.models import User
from plein.search import engines
from plein.search.models import SearchDocument
from plein.search.query import Expression
from plein.security.viewer import Viewer

#: So many items are ranked at most; of better places so many each; and so many for each word where none has all.
CANDIDATES, OF_A_PLACE, OF_A_WORD = 500, 150, 100
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

    def clauses(self, viewer: Viewer, zone: ZoneInfo) -> list[ColumnElement[bool]]:
        """Conditions on :class:`SearchDocument`."""
        found: list[ColumnElement[bool]] = [_state(self.state, viewer)]
        if self.space_id is not None:
            found.append(SearchDocument.space_id == self.space_id)
        if self.type_name:
            found.append(SearchDocument.type == self.type_name)
        if self.person:
            who = select(User.id).where(User.login == self.person.casefold())
            found.append(or_(SearchDocument.author_id.in_(who), SearchDocument.owner_id.in_(who)))
        if self.since:
            found.append(SearchDocument.updated_at >= datetime.combine(self.since, time(), zone))
        if self.until and self.until < date.max:
            found.append(SearchDocument.updated_at < datetime.combine(self.until + timedelta(days=1), time(), zone))
        if self.has_files:
            found.append(SearchDocument.has_files.is_(True))
        return found


def _state(state: str, viewer: Viewer) -> ColumnElement[bool]:
    if state == "all":
        return true()
    if state == "draft":
        own = or_(SearchDocument.author_id == viewer.user_id, SearchDocument.owner_id == viewer.user_id)
        return and_(SearchDocument.state.in_(("draft", "scheduled")), own)
    if state == "archived":
        return SearchDocument.state == "archived"
    return SearchDocument.state != "archived"


def candidates(
    db: Session, places: Sequence[tuple[int, Expression]], clauses: Sequence[ColumnElement[bool]]
) -> Sequence[Any]:
    """The items that fit, each with its best place (``tier``); one more than :data:`CANDIDATES` where there are more.

    :param places: expressions with the number of the place each stands for; the last one fits every item.
    """
    dialect = db.get_bind().dialect.name
    limits = [OF_A_PLACE] * (len(places) - 1) + [CANDIDATES + 1]
    return _rows(db, [_branch(place, clauses, dialect, limit) for place, limit in zip(places, limits, strict=True)])


def loosened(
    db: Session, places: Sequence[tuple[int, Expression]], clauses: Sequence[ColumnElement[bool]]
) -> Sequence[Any]:
    """Items that have some of the words; *places* as :func:`candidates` has them."""
    dialect = db.get_bind().dialect.name
    return _rows(db, [_branch(place, clauses, dialect, OF_A_WORD) for place in places])


def newest(db: Session, clauses: Sequence[ColumnElement[bool]]) -> Sequence[Any]:
    """The items that were changed last, where only filters are given."""
    narrowed = select(SearchDocument.content_id, literal(0).label("tier")).where(*clauses)
    last = narrowed.order_by(SearchDocument.updated_at.desc(), SearchDocument.content_id.desc())
    return _rows(db, [select(last.limit(CANDIDATES + 1).subquery())])


def _branch(
    place: tuple[int, Expression], clauses: Sequence[ColumnElement[bool]], dialect: str, limit: int
) -> Select[Any]:
    tier, expression = place
    narrowed: Any = select(SearchDocument.content_id, literal(tier).label("tier")).where(*clauses)
    return select(engines.matching(narrowed, expression, dialect).limit(limit).subquery())


def _rows(db: Session, branches: Sequence[Select[Any]]) -> Sequence[Any]:
    found = (union_all(*branches) if len(branches) > 1 else branches[0]).subquery()
    best = func.max(found.c.tier).label("tier")
    together = (
        select(found.c.content_id, best)
        .group_by(found.c.content_id)
        .order_by(best.desc(), found.c.content_id.desc())
        .limit(CANDIDATES + 1)
        .subquery()
    )
    statement = select(
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
    ).join(together, together.c.content_id == SearchDocument.content_id)
    return db.execute(statement).all()
