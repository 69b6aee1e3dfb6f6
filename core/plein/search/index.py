"""Keeps the search index: one item when it changes, or all of them, in batches, while the site is used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.db import db_unguarded
from plein.search import engines
from plein.search.models import SearchDocument
from plein.search.text import FORMAT, index_words

#: Items in one transaction of a reindexing: few enough that somebody who saves meanwhile hardly waits.
BATCH = 50

#: What the index needs of an item; its rendered HTML is left in the database.
_COLUMNS = (
    Content.id,
    Content.space_id,
    Content.type,
    Content.state,
    Content.restricted,
    Content.author_id,
    Content.owner_id,
    Content.updated_at,
    Content.version,
    Content.title,
    Content.tags,
    Content.outline,
    Content.text,
    Content.language,
)

#: Called with how many items were done, and of how many.
Progress = Callable[[int, int], None]


def index(db: Session, item: Any) -> None:
    """Put *item* in the index as it is now, in the transaction of *db*. A trashed one is taken out."""
    if item.state == "trashed":
        engines.discard(db, item.id)
        return
    found = index_words(
        title=item.title,
        tags=item.tags,
        headings=[heading for _level, _anchor, heading in item.outline],
        text=item.text,
        language=item.language,
    )
    values = {
        "content_id": item.id,
        "space_id": item.space_id,
        "type": item.type,
        "state": item.state,
        "restricted": item.restricted,
        "author_id": item.author_id,
        "owner_id": item.owner_id,
        "updated_at": item.updated_at,
        "title_words": found.title_words,
        "version": item.version,
        "format": FORMAT,
    }
    engines.store(db, values, found)


def remove(db: Session, item: Any) -> None:
    """Take *item* out of the index, in the transaction of *db*."""
    engines.discard(db, item.id)


def reindex(engine: Engine, progress: Progress | None = None, *, everything: bool = False) -> int:
    """Index what is missing from the index or was indexed otherwise; gives how many items that were.

    Each batch is a transaction of its own, so the site stays in use, and a reindexing that was broken off goes on
    where it was when it is started again.

    :param everything: first mark the whole index as out of date.
    """
    if everything:
        with db_unguarded(engine, reason="search reindex: mark everything", writes=True) as db:
            engines.mark_all_stale(db)
    with db_unguarded(engine, reason="search reindex: drop what was thrown away", writes=True) as db:
        for content_id in db.scalars(_trashed()).all():
            engines.discard(db, content_id)
    with db_unguarded(engine, reason="search reindex: count") as db:
        total = db.scalar(select(func.count()).select_from(_stale().subquery())) or 0
    done = 0
    last = 0
    while ids := _batch(engine, last):
        last = ids[-1]
        done += len(ids)
        if progress:
            progress(done, max(total, done))
    return done


def _batch(engine: Engine, after: int) -> Sequence[int]:
    """Index the next stale items; gives their ids. Rows are locked, so that no newer save is overwritten."""
    with db_unguarded(engine, reason="search reindex: a batch", writes=True) as db:
        ids = db.scalars(_stale().where(Content.id > after).order_by(Content.id).limit(BATCH)).all()
        rows = db.execute(select(*_COLUMNS).where(Content.id.in_(ids)).order_by(Content.id).with_for_update()).all()
        for row in rows:
            index(db, row)
        return ids


@dataclass(frozen=True, slots=True)
class IndexCheck:
    """How the index compares with the items.

    :param missing: items that cannot be found yet. :param stale: found by what they were.
    :param left_over: trashed items that can still be found. :param faults: damage, a sentence each.
    """

    items: int
    missing: int
    stale: int
    left_over: int
    faults: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return not (self.missing or self.stale or self.left_over or self.faults)


def check(engine: Engine) -> IndexCheck:
    """Compare the index with the items. Changes nothing."""
    with db_unguarded(engine, reason="search check", writes=True) as db:
        live = select(func.count(Content.id)).where(Content.state != "trashed")
        unknown = live.outerjoin(SearchDocument, SearchDocument.content_id == Content.id).where(
            SearchDocument.content_id.is_(None)
        )
        stale = db.scalar(select(func.count()).select_from(_stale().subquery())) or 0
        missing = db.scalar(unknown) or 0
        return IndexCheck(
            items=db.scalar(live) or 0,
            missing=missing,
            stale=stale - missing,
            left_over=db.scalar(select(func.count()).select_from(_trashed().subquery())) or 0,
            faults=tuple(engines.engine_faults(db.connection())),
        )


def _stale() -> Any:
    """The ids of items that are not in the index as they are now."""
    return (
        select(Content.id)
        .outerjoin(SearchDocument, SearchDocument.content_id == Content.id)
        .where(
            Content.state != "trashed",
            or_(
                SearchDocument.content_id.is_(None),
                SearchDocument.version != Content.version,
                SearchDocument.updated_at != Content.updated_at,
                SearchDocument.format != FORMAT,
                SearchDocument.space_id != Content.space_id,
                SearchDocument.state != Content.state,
            ),
        )
    )


def _trashed() -> Any:
    return (
        select(SearchDocument.content_id)
        .join(Content, Content.id == SearchDocument.content_id)
        .where(Content.state == "trashed")
    )
