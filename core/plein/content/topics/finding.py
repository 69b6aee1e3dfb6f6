"""Reading tags: what to suggest, what there is, what goes together. Nobody hears of a tag of items that are hidden.

The guard narrows every count to what the viewer may see. A tag without one visible item is only shown where it stands
in a list that the organisation agreed on.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from plein.content.listing import PUT_AWAY
from plein.content.models import Content
from plein.content.reading import AnyRow
from plein.content.tag_models import ContentTag, Tag, TagSynonym, Vocabulary
from plein.content.titles import tag_key

SUGGESTED = 8
MOST_USED = 100
PAGE = 200
#: Related tags are counted among this many items of the tag.
_SAMPLE = 500
_RELATED = 10
#: What sorts behind every word that begins as another one.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class FoundTag:
    """A tag with its vocabulary, and what it became, if it became something else."""

    id: int
    name: str
    slug: str
    description: str
    vocabulary: str | None
    became: str | None


def _used() -> Select[*tuple[Any, ...]]:
    """Tags with how many items have them that the viewer may see, put away ones apart."""
    return (
        select(Tag.id, Tag.name, Tag.slug, Tag.folded, func.count(Content.id).label("items"))
        .join(ContentTag, ContentTag.tag_id == Tag.id)
        .join(Content, and_(Content.id == ContentTag.content_id, Content.state.not_in(PUT_AWAY)))
        .group_by(Tag.id, Tag.name, Tag.slug, Tag.folded)
    )


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    # A range, not LIKE: both databases find it by the index.
    return or_(and_(column >= text, column < text + _LAST), column.contains(f" {text}", autoescape=True))


def suggest(
    db: Session, text: str, *, only: Collection[int] | None = None, also: Collection[int] = (), limit: int = SUGGESTED
) -> list[tuple[str, str, int]]:
    """Tags of which a word, or a synonym, begins as *text*: name, the synonym that was meant, number of items.

    One statement. :param only: ids of the lists to choose from, where only those are taken; *also* ids of lists whose
    tags are suggested before anybody used them.
    """
    key = tag_key(text) if text.strip() else ""
    if not key:
        return []
    word = aliased(TagSynonym)
    items = (
        select(func.count(Content.id))
        .select_from(ContentTag)
        .join(Content, and_(Content.id == ContentTag.content_id, Content.state.not_in(PUT_AWAY)))
        .where(ContentTag.tag_id == Tag.id)
        .correlate(Tag)
        .scalar_subquery()
    )
    found = (
        select(Tag.name, func.min(word.word).label("word"), items.label("items"), Tag.vocabulary_id, Tag.folded)
        .outerjoin(word, and_(word.tag_id == Tag.id, _begins(word.folded, key), ~_begins(Tag.folded, key)))
        .where(Tag.merged_into_id.is_(None), or_(_begins(Tag.folded, key), word.id.is_not(None)))
        .group_by(Tag.id, Tag.name, Tag.vocabulary_id, Tag.folded)
    )
    if only is not None:
        found = found.where(Tag.vocabulary_id.in_(only))
    known = found.subquery()
    listed = known.c.vocabulary_id.in_([*(only or ()), *also])
    first = known.c.folded.startswith(key, autoescape=True)
    rows = db.execute(
        select(known.c.name, known.c.word, known.c["items"])
        .where(or_(known.c["items"] > 0, listed))
        .order_by(first.desc(), known.c["items"].desc(), known.c.folded)
        .limit(limit)
    )
    return [(row[0], row[1] or "", row[2]) for row in rows]


def most_used(db: Session, limit: int = MOST_USED, *, among: int | None = None) -> list[AnyRow]:
    """The tags that most items have which the viewer may see. One statement.

    :param among: only the last so many times that an item was given a tag: for where it must be quick.
    """
    statement = _used().order_by(func.count(Content.id).desc(), Tag.folded).limit(limit)
    if among is not None:
        last = select(ContentTag.id).order_by(ContentTag.id.desc()).limit(1).scalar_subquery()
        statement = statement.where(ContentTag.id > last - among)
    return list(db.execute(statement).all())


def by_letter(db: Session, *, begins: str = "", after: str = "", limit: int = PAGE) -> tuple[list[AnyRow], str | None]:
    """Tags in alphabetical order, and the word to go on *after*; only those that begin as *begins*. One statement."""
    statement = _used().order_by(Tag.folded).limit(limit + 1)
    key = tag_key(begins) if begins.strip() else ""
    if key:
        statement = statement.where(Tag.folded >= key, Tag.folded < key + _LAST)
    if after:
        statement = statement.where(Tag.folded > after)
    rows = list(db.execute(statement).all())
    return rows[:limit], rows[limit - 1].folded if len(rows) > limit else None


def find(db: Session, slug: str) -> FoundTag | None:
    """The tag with that address, also where it was merged into another one. One statement."""
    return _found(db, Tag.slug == slug)


def find_word(db: Session, word: str) -> str | None:
    """The address of the tag that *word* means. One statement."""
    key = tag_key(word) if word.strip() else ""
    target = aliased(Tag)
    by_synonym = Tag.id.in_(select(TagSynonym.tag_id).where(TagSynonym.folded == key))
    return db.scalar(
        select(func.coalesce(target.slug, Tag.slug))
        .select_from(Tag)
        .outerjoin(target, target.id == Tag.merged_into_id)
        .where(or_(Tag.folded == key, by_synonym))
        .order_by((Tag.folded == key).desc())
        .limit(1)
    )


def _found(db: Session, condition: ColumnElement[bool]) -> FoundTag | None:
    target = aliased(Tag)
    row = db.execute(
        select(Tag.id, Tag.name, Tag.slug, Tag.description, Vocabulary.name, target.slug)
        .outerjoin(Vocabulary, Vocabulary.id == Tag.vocabulary_id)
        .outerjoin(target, target.id == Tag.merged_into_id)
        .where(condition)
    ).one_or_none()
    return None if row is None else FoundTag(*row)


def may_know(db: Session, slug: str) -> bool:
    """Whether the viewer sees an item with the tag, or it stands in a list. One statement."""
    known = select(Tag.id).where(Tag.slug == slug, or_(Tag.vocabulary_id.is_not(None), _seen()))
    return db.execute(known.limit(1)).first() is not None


def _seen() -> ColumnElement[bool]:
    """Whether the viewer sees an item with the tag."""
    return exists(
        select(1)
        .select_from(ContentTag)
        .join(Content, and_(Content.id == ContentTag.content_id, Content.state != "trashed"))
        .where(ContentTag.tag_id == Tag.id)
    )


def manageable() -> ColumnElement[bool]:
    """Tags that the viewer may be shown in administration: those of what they see, of lists, and of nothing at all.

    A word that only stands on hidden items may itself be what they hide; who administers does not read it either.
    """
    # The bare table, and so past the guard: nothing of it is shown, only whether there is any row.
    rows: Any = ContentTag.__table__.alias("any_row")
    unused = ~exists(select(rows.c.id).where(rows.c.tag_id == Tag.id))
    return or_(Tag.vocabulary_id.is_not(None), unused, _seen())


def related(db: Session, tag_id: int) -> list[AnyRow]:
    """Tags that items with this tag have too, most often first. One statement, over the newest items."""
    sample = select(ContentTag.content_id).where(ContentTag.tag_id == tag_id).order_by(ContentTag.id.desc())
    other = aliased(ContentTag)
    together = func.count().label("together")
    return list(
        db.execute(
            select(Tag.name, Tag.slug, together)
            .join(other, other.tag_id == Tag.id)
            .join(Content, and_(Content.id == other.content_id, Content.state.not_in(PUT_AWAY)))
            .where(other.content_id.in_(select(sample.limit(_SAMPLE).subquery().c.content_id)), Tag.id != tag_id)
            .group_by(Tag.id, Tag.name, Tag.slug, Tag.folded)
            .order_by(together.desc(), Tag.folded)
            .limit(_RELATED)
        ).all()
    )
