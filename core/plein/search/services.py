"""Finding: from what was typed to a page of hits, in two statements, both narrowed by the guard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.search import engines
from plein.search.highlight import Highlighter, Segment
from plein.search.models import SearchDocument
from plein.search.query import Query, parse
from plein.search.text import MAX_TEXT
from plein.security.viewer import Viewer
from plein.spaces.models import Space

PAGE = 20
#: Each place of the words (title, tags, …) gives this many items at most, newest first. What is ranked, counted and
#: leafed through is their union; a word that stands on nearly every page costs no more than a rare one.
CANDIDATES = 1000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MAX_MICROSECONDS = 253_402_300_799_000_000


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that was found, as a list shows it."""

    id: int
    type: str
    slug: str
    title: list[Segment]
    snippet: list[Segment]
    tags: list[str]
    state: str
    space: str
    space_name: str
    space_is_archived: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of hits.

    :param total: how many items fit; exact up to :data:`CANDIDATES`. :param is_more: there are more than that.
    :param next: the cursor of the next page, or ``None`` on the last.
    """

    query: Query = Query()
    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_more: bool = False
    next: str | None = None


class SearchService:
    """Searches as one viewer: what *db*'s viewer may not read is neither found nor counted."""

    def __init__(self, db: Session, viewer: Viewer) -> None:
        self.db = db
        self.viewer = viewer

    def find(
        self,
        text: str,
        *,
        space: Space | int | None = None,
        type_name: str | None = None,
        tag: str | None = None,
        after: str | None = None,
        size: int = PAGE,
    ) -> SearchPage:
        """The items that fit *text*, best first. Anything may be typed; what makes no sense finds nothing.

        :param space: only in this space (the row or its id). :param tag: only with this tag.
        :param after: the ``next`` of the page before; one that makes no sense starts at the beginning.
        """
        query = parse(text, tag=tag or "")
        if not query or not self.viewer.is_signed_in:
            return SearchPage(query)
        space_id = space.id if isinstance(space, Space) else space
        ranked = self._ranked(query, space_id, type_name)
        with engines.through_the_index(self.db, query):
            rows = self.db.execute(_page(ranked, after, size + 1)).all()
        total = int(rows[0].total) if rows else 0
        more = len(rows) > size
        rows = rows[:size]
        return SearchPage(
            query=query,
            hits=tuple(self._hits(query, [row.content_id for row in rows])),
            total=min(total, CANDIDATES),
            is_more=total > CANDIDATES,
            next=_cursor(rows[-1]) if more else None,
        )

    def _ranked(self, query: Query, space_id: int | None, type_name: str | None) -> Any:
        """A subquery of the items that fit, each with its best place (``tier``)."""
        dialect = self.db.get_bind().dialect.name
        tiers: list[Select[Any]] = []
        for tier, expression in query.tiers():
            statement: Any = select(
                SearchDocument.content_id,
                SearchDocument.updated_at,
                SearchDocument.title_words,
                literal(tier).label("tier"),
            )
            if space_id is not None:
                statement = statement.where(SearchDocument.space_id == space_id)
            if type_name is not None:
                statement = statement.where(SearchDocument.type == type_name)
            limited = engines.matching(statement, expression, dialect).limit(CANDIDATES + 1).subquery()
            tiers.append(select(limited))
        found = union_all(*tiers).subquery() if len(tiers) > 1 else tiers[0].subquery()
        best = func.max(found.c.tier)
        return (
            select(
                found.c.content_id,
                found.c.updated_at,
                best.label("tier"),
                # Of two titles with the words sought, the shorter one is more about them.
                case((best >= 3, -found.c.title_words), else_=0).label("brevity"),
                func.count().over().label("total"),
            )
            .group_by(found.c.content_id, found.c.updated_at, found.c.title_words)
            .subquery()
        )

    def _hits(self, query: Query, ids: Sequence[int]) -> list[Hit]:
        if not ids:
            return []
        rows = self.db.execute(
            select(
                Content.id,
                Content.type,
                Content.slug,
                Content.title,
                func.substr(Content.text, 1, MAX_TEXT).label("text"),
                Content.tags,
                Content.state,
                Space.slug.label("space"),
                Space.name.label("space_name"),
                Space.archived_at.is_not(None).label("space_is_archived"),
                Content.updated_at,
            )
            .join(Space, Space.id == Content.space_id)
            .where(Content.id.in_(ids))
        )
        highlighter = Highlighter(query)
        found = {
            row.id: Hit(
                id=row.id,
                type=row.type,
                slug=row.slug,
                title=highlighter.title(row.title),
                snippet=highlighter.snippet(row.text),
                tags=row.tags,
                state=row.state,
                space=row.space,
                space_name=row.space_name,
                space_is_archived=row.space_is_archived,
                updated_at=row.updated_at,
            )
            for row in rows
        }
        return [found[content_id] for content_id in ids if content_id in found]


def _page(ranked: Any, after: str | None, limit: int) -> Select[Any]:
    order = (ranked.c.tier, ranked.c.brevity, ranked.c.updated_at, ranked.c.content_id)
    statement = select(ranked).order_by(*(column.desc() for column in order)).limit(limit)
    place = _place(after)
    if place is not None:
        values = (literal(value, column.type) for value, column in zip(place, order, strict=True))
        statement = statement.where(tuple_(*order) < tuple_(*values))
    return statement


def _cursor(row: Any) -> str:
    microseconds = (row.updated_at - _EPOCH) // _MICROSECOND
    return f"{row.tier}.{-row.brevity}.{microseconds}.{row.content_id}"


def _place(after: str | None) -> tuple[int, int, datetime, int] | None:
    parts = (after or "").split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    tier, brevity, microseconds, content_id = map(int, parts)
    if microseconds > _MAX_MICROSECONDS:
        return None
    return tier, -brevity, _EPOCH + microseconds * _MICROSECOND, content_id
