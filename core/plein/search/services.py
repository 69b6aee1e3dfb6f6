"""Finding: from what was typed to a page of hits, in a few statements, each narrowed by the guard."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from plein.content.models import Attachment, Content
from plein.db import utcnow
from plein.search import engines
from plein.search.candidates import CANDIDATES, WORDS, Filters, candidates, loosened, newest
from plein.search.highlight import Highlighter, Segment
from plein.search.query import Query, parse
from plein.search.rank import relevance, score
from plein.search.text import MAX_TEXT
from plein.search.understanding import Bet, Understood, understand
from plein.search.vocabulary import suggest
from plein.security.viewer import Viewer
from plein.spaces.models import Space

PAGE = 20
#: Where fewer items than this have all the words, those that have most of them are shown too.
FEW = 3
#: An item has many of the words where it has this part of their number: one of two, two of five.
_MANY = 0.4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FileHit:
    """The file of an item in which the words stand."""

    uid: str
    name: list[Segment]


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
    file: FileHit | None = None


@dataclass(frozen=True, slots=True)
class Promoted:
    """A best bet as it is shown: a hit of this site, or an address."""

    title: str
    text: str
    url: str
    hit: Hit | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of hits.

    :param total: how many items fit; exact up to :data:`CANDIDATES`. :param is_more: there are more than that.
    :param next: the cursor of the next page, or ``None`` on the last.
    :param loosened: some of the hits have most of the words, not all.
    :param types: how many of the hits are of each type. :param spaces: and in each space, by its id.
    :param meant: what may have been meant, where little was found: the question with other words.
    """

    query: Query = Query()
    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_more: bool = False
    next: str | None = None
    loosened: bool = False
    types: Mapping[str, int] = field(default_factory=dict)
    spaces: Mapping[int, int] = field(default_factory=dict)
    promoted: tuple[Promoted, ...] = ()
    meant: str = ""


#: What a hit shows. Kept, so that it is made and narrowed once.
_ITEMS = (
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
    .where(Content.id.in_(bindparam("wanted", expanding=True)), Content.state != "trashed")
)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A candidate with what it is ordered by."""

    key: int
    row: Any


class SearchService:
    """Searches as one viewer: what *db*'s viewer may not read is neither found nor counted.

    :param zone: in which the days of filters begin and end.
    """

    def __init__(self, db: Session, viewer: Viewer, zone: ZoneInfo | None = None) -> None:
        self.db = db
        self.viewer = viewer
        self.zone = zone or ZoneInfo("UTC")

    def find(
        self,
        text: str,
        filters: Filters | None = None,
        *,
        sort: str = "",
        after: str | None = None,
        size: int = PAGE,
        today: date | None = None,
    ) -> SearchPage:
        """The items that fit *text* and *filters*, best first. Anything may be typed; what is no word finds nothing.

        :param sort: ``date`` for what was changed last first.
        :param after: the ``next`` of the page before; one that makes no sense starts at the beginning.
        """
        filters = filters or Filters()
        query = parse(text, tag=filters.tag)
        if not self.viewer.is_signed_in or not (query or (filters and not text.strip())):
            return SearchPage(query)
        if not query:
            rows, understood, whole = newest(self.db, filters.values(self.viewer, self.zone)), None, None
            sort = "date"
        else:
            understood = understand(self.db, query, text, self.viewer.locale or "")
            rows, whole = self._candidates(understood, filters)
        ranked = _ranked(rows[:CANDIDATES], understood, whole, sort, today or utcnow().date())
        place = _place(after)
        shown = [one for one in ranked if place is None or (one.key, one.row.content_id) < place]
        page, bets = shown[:size], understood.bets if understood and not after else ()
        found = self._hits(understood.query if understood else query, [one.row.content_id for one in page], bets)
        is_more = len(rows) > CANDIDATES
        return SearchPage(
            query=understood.query if understood else query,
            hits=tuple(found[one.row.content_id] for one in page if one.row.content_id in found),
            total=len(ranked),
            is_more=is_more,
            next=f"{page[-1].key}.{page[-1].row.content_id}" if len(shown) > size else None,
            loosened=whole is not None and len(ranked) > len(whole),
            types=Counter(one.row.type for one in ranked),
            spaces=Counter(one.row.space_id for one in ranked),
            promoted=tuple(_promoted(bet, found) for bet in bets if bet.content_id is None or bet.content_id in found),
            meant=self._meant(text, query) if query and len(ranked) < FEW and not after else "",
        )

    def _candidates(self, understood: Understood, filters: Filters) -> tuple[Sequence[Any], set[int] | None]:
        """What fits; and which of it has all the words, ``None`` where all do."""
        query, values = understood.query, filters.values(self.viewer, self.zone)
        with engines.through_the_index(self.db, query):
            rows = candidates(self.db, query.tiers(), values)
            # Of two words, what has both answers the question; one who asks with more may name what nobody wrote.
            if len(understood.sought) < 2 or len(rows) >= (1 if len(understood.sought) == 2 else FEW):
                return rows, None
            known = {row.content_id for row in rows}
            more = loosened(self.db, understood.rarest.loosened(WORDS), values)
        return [*rows, *(row for row in more if row.content_id not in known)], known

    def _meant(self, text: str, query: Query) -> str:
        """The question with what may have been meant in place of words that find nothing, or nothing."""
        plain = [term.words[0] for term in query.required if len(term.words) == 1 and not term.is_tag]
        others = suggest(self.db, plain)
        if not others:
            return ""
        words = [term.words[0] if len(term.words) == 1 else '"' + " ".join(term.words) + '"' for term in query.required]
        return " ".join(others.get(word, word) for word in words)

    def _hits(self, query: Query, ids: Sequence[int], bets: Sequence[Bet]) -> dict[int, Hit]:
        wanted = [*ids, *(bet.content_id for bet in bets if bet.content_id is not None)]
        if not wanted:
            return {}
        rows = self.db.execute(_ITEMS, {"wanted": wanted}).all()
        highlighter = Highlighter(query)
        titles = {row.id: highlighter.title(row.title) for row in rows}
        found = {
            row.id: Hit(
                id=row.id,
                type=row.type,
                slug=row.slug,
                title=titles[row.id],
                snippet=highlighter.snippet(row.text, thorough=not _is_marked(titles[row.id])),
                tags=row.tags,
                state=row.state,
                space=row.space,
                space_name=row.space_name,
                space_is_archived=row.space_is_archived,
                updated_at=row.updated_at,
            )
            for row in rows
        }
        return found | self._in_files(highlighter, found)

    def _in_files(self, highlighter: Highlighter, found: Mapping[int, Hit]) -> dict[int, Hit]:
        """Hits whose words stand in one of their files, and nowhere in the item itself."""
        rest = [hit.id for hit in found.values() if not _is_marked(hit.title) and not _is_marked(hit.snippet)]
        if not rest or not highlighter.has_words:
            return {}
        text = func.substr(Attachment.text, 1, MAX_TEXT).label("text")
        rows = self.db.execute(
            select(Attachment.content_id, Attachment.uid, Attachment.name, text)
            .where(Attachment.content_id.in_(rest))
            .order_by(Attachment.content_id, Attachment.id)
        )
        hits: dict[int, Hit] = {}
        for row in rows:
            name, snippet = highlighter.title(row.name), highlighter.snippet(row.text or "")
            if row.content_id in hits or not (_is_marked(name) or _is_marked(snippet)):
                continue
            hit = replace(found[row.content_id], file=FileHit(row.uid, name))
            hits[row.content_id] = replace(hit, snippet=snippet) if _is_marked(snippet) else hit
        return hits


def _ranked(
    rows: Sequence[Any], understood: Understood | None, whole: set[int] | None, sort: str, today: date
) -> list[_Ranked]:
    """The candidates in order, best first."""
    ranked = []
    sought = understood.sought if understood else ()
    for row in rows:
        has_all = whole is None or row.content_id in whole
        relevant, covered = relevance(row.weights, sought, has_all=has_all) if sought else (0.0, 1.0)
        if covered < _MANY:
            continue
        if sort == "date":
            key = (row.updated_at - _EPOCH) // _MICROSECOND
        else:
            key = score(row, relevant, words=len(sought), in_title=row.tier >= 3, today=today)
        ranked.append(_Ranked(key, row))
    ranked.sort(key=lambda one: (-one.key, -one.row.content_id))
    return ranked


def _promoted(bet: Bet, found: Mapping[int, Hit]) -> Promoted:
    return Promoted(bet.title, bet.text, bet.url, found[bet.content_id] if bet.content_id is not None else None)


def _is_marked(segments: Sequence[Segment]) -> bool:
    return any(segment.is_match for segment in segments)


def _place(after: str | None) -> tuple[int, int] | None:
    """What a cursor says: the key and the item that the page before ended with."""
    key, _dot, content_id = (after or "").partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (key, content_id)):
        return None
    return int(key), int(content_id)
