"""Keeps the search index: one item when it changes, or all of them, in batches, while the site is used."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session

from plein.content.models import Attachment, Content
from plein.db import db_unguarded
from plein.people.words import index_everybody
from plein.search import engines, vocabulary
from plein.search.models import SearchDocument
from plein.search.text import FORMAT, MAX_TEXT, Parts, index_words

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
    Content.review_on,
    Content.reviewed_at,
    Content.open_reports,
    Content.popularity,
)

#: Called with how many items were done, and of how many.
Progress = Callable[[int, int], None]


def index(db: Session, item: Any) -> None:
    """Put *item* in the index as it is now, in the transaction of *db*. A trashed one is taken out."""
    if item.state == "trashed":
        remove(db, item.id)
        return
    before = engines.words_of(db, item.id)
    files = _files(db, [item.id]).get(item.id)
    words = _store(db, item, files, vocabulary.parts_of(db))
    vocabulary.count(db, words, before, items=0 if before else 1)


def follow(db: Session, item: Any) -> None:
    """Have whoever may no longer see *item* not find it from this transaction on, though its words are made later."""
    if item.state == "trashed":
        remove(db, item.id)
    else:
        engines.copy(db, item.id, {name: getattr(item, name) for name in _VISIBLE})


def index_by_id(engine: Engine, content_id: int) -> None:
    """Put an item in the index as it is now. Does nothing where it is gone."""
    with db_unguarded(engine, reason="search: index what was saved", writes=True) as db:
        row = db.execute(select(*_COLUMNS).where(Content.id == content_id).with_for_update()).first()
        if row is not None:
            index(db, row)


def remove(db: Session, content_id: int) -> None:
    """Take an item out of the index, in the transaction of *db*."""
    before = engines.words_of(db, content_id)
    if before:
        vocabulary.count(db, {}, before, items=-1)
    engines.discard(db, content_id)


def _store(db: Session, item: Any, files: str | None, parts: Parts) -> Mapping[str, bool]:
    """Store the words of *item*; gives those that the vocabulary counts.

    :param files: names and texts of its attachments; ``None`` where it has none.
    """
    found = index_words(
        title=item.title,
        tags=item.tags,
        headings=[heading for _level, _anchor, heading in item.outline],
        text=item.text,
        language=item.language,
        files=files or "",
        parts=parts,
    )
    values = {name: getattr(item, name) for name in _COPIED} | {
        "content_id": item.id,
        "title_words": found.title_words,
        "format": FORMAT,
        "weights": found.weights,
        "has_files": files is not None,
    }
    engines.store(db, values, found)
    return found.vocabulary


#: Who sees an item; see ``content.visibility``.
_VISIBLE = ("space_id", "state", "restricted", "author_id", "owner_id")
_COPIED = (
    *_VISIBLE,
    "type",
    "updated_at",
    "version",
    "review_on",
    "reviewed_at",
    "open_reports",
    "popularity",
)


def _files(db: Session, ids: Sequence[int]) -> dict[int, str]:
    """Names and texts of the attachments of these items."""
    found: dict[int, str] = {}
    # The table: the item's own rights are asked where hits are shown.
    table: Any = Attachment.__table__
    text = func.substr(table.c.text, 1, MAX_TEXT)
    rows = select(table.c.content_id, table.c.name, text).where(table.c.content_id.in_(ids)).order_by(table.c.id)
    for content_id, name, words in db.execute(rows):
        found[content_id] = f"{found.get(content_id, '')}\n{name}\n{words or ''}"[: 2 * MAX_TEXT]
    return found


def reindex(engine: Engine, progress: Progress | None = None, *, everything: bool = False) -> int:
    """Index what is missing from the index or was indexed otherwise; gives how many items that were.

    Each batch is a transaction of its own, so the site stays in use, and a reindexing that was broken off goes on
    where it was when it is started again.

    :param everything: first mark the whole index as out of date, and make the words that people are found by.
    """
    if everything:
        with db_unguarded(engine, reason="search reindex: mark everything", writes=True) as db:
            engines.mark_all_stale(db)
            index_everybody(db)
    vocabulary.forget_parts()
    with db_unguarded(engine, reason="search reindex: drop what was thrown away", writes=True) as db:
        for content_id in db.scalars(_trashed()).all():
            remove(db, content_id)
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
        files, parts = _files(db, ids), vocabulary.parts_of(db)
        more: Counter[str] = Counter()
        less: Counter[str] = Counter()
        written: set[str] = set()
        new = 0
        for row in rows:
            before = engines.words_of(db, row.id)
            new += not before
            less.update(before)
            words = _store(db, row, files.get(row.id), parts)
            more.update(words.keys())
            written.update(word for word, is_written in words.items() if is_written)
        vocabulary.count_many(db, more, less, written, new)
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
                SearchDocument.restricted != Content.restricted,
            ),
        )
    )


def _trashed() -> Any:
    return (
        select(SearchDocument.content_id)
        .join(Content, Content.id == SearchDocument.content_id)
        .where(Content.state == "trashed")
    )


def copy_ranks(engine: Engine) -> None:
    """Take over what the rank asks and no change of an item says: how often it is read, and what readers report."""
    names = ("popularity", "open_reports", "review_on", "reviewed_at")
    with db_unguarded(engine, reason="search: what ranks are made of") as db:
        differs = [getattr(SearchDocument, name).is_distinct_from(getattr(Content, name)) for name in names]
        columns = [getattr(Content, name) for name in names]
        changed = select(Content.id, *columns).join(SearchDocument, SearchDocument.content_id == Content.id)
        rows = db.execute(changed.where(or_(*differs))).all()
    for start in range(0, len(rows), BATCH):
        with db_unguarded(engine, reason="search: store what ranks are made of", writes=True) as db:
            engines.copy_many(db, [dict(zip(("id", *names), row, strict=True)) for row in rows[start : start + BATCH]])
