"""From the words of an item to tags: which tag a word means, and the rows that an item is found by.

Saving is what people wait for: a save that changes no tag asks nothing here, and one that does writes differences only.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, union_all
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from plein.content.tag_models import ContentTag, Tag, TagSynonym
from plein.content.titles import tag_key
from plein.web.slugs import slugify

_NUMBERED = 9


@dataclass(frozen=True, slots=True)
class Word:
    """A word of an item as it is stored: the *name* of the tag it means, and the tag's *id* when there is one yet."""

    name: str
    id: int | None = None


def meanings(db: Session, words: Iterable[str]) -> dict[str, Word]:
    """What each of *words* means, by its key: a synonym or a merged tag gives the tag it leads to. One statement."""
    keys = {tag_key(word): word for word in reversed(list(words))}
    if not keys:
        return {}
    target = aliased(Tag)
    tags = (
        select(Tag.folded, func.coalesce(target.id, Tag.id).label("id"), func.coalesce(target.name, Tag.name))
        .outerjoin(target, target.id == Tag.merged_into_id)
        .where(Tag.folded.in_(keys))
    )
    synonyms = (
        select(TagSynonym.folded, Tag.id, Tag.name)
        .join(Tag, Tag.id == TagSynonym.tag_id)
        .where(TagSynonym.folded.in_(keys))
    )
    known = {row[0]: Word(row[2], row[1]) for row in db.execute(union_all(tags, synonyms))}
    return {key: known.get(key, Word(word)) for key, word in reversed(keys.items())}


def resolve(db: Session, words: Iterable[str]) -> list[Word]:
    """The tags that *words* mean, in their order, each once. One statement."""
    return list({tag_key(word.name): word for word in meanings(db, words).values()}.values())


def keep(db: Session, content_id: int, words: Sequence[Word], *, is_new: bool = False) -> None:
    """Let the rows of an item say *words*.

    :param is_new: the item has no rows yet, so nothing needs to be asked.
    """
    if is_new and not words:
        return
    wanted = set(_ids(db, words))
    there: set[int] = set()
    if not is_new:
        there = set(db.scalars(select(ContentTag.tag_id).where(ContentTag.content_id == content_id)))
    if gone := there - wanted:
        db.execute(delete(ContentTag).where(ContentTag.content_id == content_id, ContentTag.tag_id.in_(gone)))
    if added := wanted - there:
        db.execute(insert(ContentTag), [{"content_id": content_id, "tag_id": number} for number in sorted(added)])


def _ids(db: Session, words: Sequence[Word]) -> list[int]:
    """The ids of the tags of *words*; those that are not there yet are made."""
    fresh = [word.name for word in words if word.id is None]
    if fresh:
        try:
            with db.begin_nested():
                make_tags(db, fresh)
        except IntegrityError:
            # Somebody else made the same tag at this very moment; theirs is as good.
            with db.begin_nested():
                make_tags(db, [word.name for word in resolve(db, fresh) if word.id is None])
        words = resolve(db, [word.name for word in words])
    return [word.id for word in words if word.id is not None]


def make_tags(db: Session, names: Sequence[str]) -> None:
    """Make tags called *names*, which fold differently from each other and from every tag there is."""
    tried = {name: [slugify(name), *(f"{slugify(name)}-{n}" for n in range(2, _NUMBERED + 1))] for name in names}
    every = [slug for slugs in tried.values() for slug in slugs]
    taken = set(db.scalars(select(Tag.slug).where(Tag.slug.in_(every))))
    rows = []
    for name, slugs in tried.items():
        slug = next((slug for slug in slugs if slug not in taken), f"{slugs[0]}-{secrets.token_hex(4)}")
        taken.add(slug)
        rows.append({"name": name, "slug": slug, "folded": tag_key(name), "description": ""})
    if rows:
        db.execute(insert(Tag), rows)
