"""Keeping tags: rename, merge, take a merge back, remove. Addresses that a tag had go on leading to it.

What becomes of a tag is decided at once; the words of the items that have it follow in a job (``topics.jobs``), since
there can be very many and none of them is locked for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, exists, func, select, update
from sqlalchemy.orm import Session

from plein.audit import record
from plein.content.tag_models import ContentTag, Tag, TagSynonym, Vocabulary
from plein.content.tagging import make_tags
from plein.content.titles import clean_tag, tag_key
from plein.content.topics.vocabularies import NameTaken, clean_tags_of_list
from plein.db import db_unguarded
from plein.jobs import enqueue

#: The job that lets items follow what became of a tag.
FOLLOW = "tags.follow"


class NotMergeable(ValueError):
    """A tag cannot become itself, nor what is no longer a tag of its own."""


class TagInUse(ValueError):
    """Items have the tag."""


@dataclass(frozen=True, slots=True)
class TagService:
    """Keeping tags. Who may is the views' permission."""

    db: Session

    def get(self, number: int) -> Tag | None:
        """The tag with that number, where it is a tag of its own."""
        return self.db.scalar(select(Tag).where(Tag.id == number, Tag.merged_into_id.is_(None)))

    def named(self, word: str) -> Tag | None:
        """The tag that is called *word*, or that it became."""
        found = self.db.scalar(select(Tag).where(Tag.folded == tag_key(word)))
        return self.db.get(Tag, found.merged_into_id) if found is not None and found.merged_into_id else found

    def rename(self, tag: Tag, name: str) -> None:
        """Call *tag* something else. Its old name stays a way to it.

        :raises NameTaken: where another tag is called so, or it is another word for one.
        """
        name = clean_tag(name)
        key, old = tag_key(name), {"name": tag.name, "slug": tag.slug, "folded": tag.folded}
        if name == tag.name:
            return
        if key != tag.folded:
            self._free(tag, key)
            make_tags(self.db, [name])
            made = self.db.scalars(select(Tag).where(Tag.folded == key)).one()
            fresh = {"slug": made.slug, "folded": key}
            # The old words take the row that was made, so that the number of the tag stays what it is.
            made.slug, made.folded = f"-{made.id}", f"-{made.id}"
            self.db.flush()
            tag.slug, tag.folded = fresh["slug"], fresh["folded"]
            self.db.flush()
            made.name, made.slug, made.folded, made.merged_into_id = old["name"], old["slug"], old["folded"], tag.id
        tag.name = name
        self.db.flush()
        record(self.db, "tag.renamed", "tag", tag.id, before=old["name"], after=name)
        self._follow(tag, [old["folded"]])

    def _free(self, tag: Tag, key: str) -> None:
        """Let *tag* have the word *key*, which may only lead to itself until now."""
        leads_to = self.db.execute(select(Tag.id, Tag.merged_into_id).where(Tag.folded == key)).one_or_none()
        synonym = self.db.scalar(select(TagSynonym.tag_id).where(TagSynonym.folded == key))
        if (leads_to is not None and leads_to.merged_into_id != tag.id) or synonym not in (None, tag.id):
            raise NameTaken(key)
        self.db.execute(delete(Tag).where(Tag.folded == key))
        self.db.execute(delete(TagSynonym).where(TagSynonym.folded == key))

    def describe(self, tag: Tag, description: str, vocabulary_id: int | None, synonyms: Sequence[str]) -> None:
        """What a tag is for, the list it stands in, and what else people call it.

        :raises NameTaken: where another tag is called as one of *synonyms*; the text of it is that word.
        """
        if vocabulary_id is not None and self.db.get(Vocabulary, vocabulary_id) is None:
            vocabulary_id = None
        tag.description, tag.vocabulary_id = description, vocabulary_id
        words = {tag_key(word): word for word in clean_tags_of_list(synonyms)}
        words.pop(tag.folded, None)
        taken = select(Tag.name).where(Tag.folded.in_(words), func.coalesce(Tag.merged_into_id, 0) != tag.id)
        other = select(TagSynonym.word).where(TagSynonym.folded.in_(words), TagSynonym.tag_id != tag.id)
        for word in (*self.db.scalars(taken), *self.db.scalars(other)):
            raise NameTaken(word)
        self.db.execute(delete(TagSynonym).where(TagSynonym.tag_id == tag.id, TagSynonym.folded.not_in(words)))
        known = set(self.db.scalars(select(TagSynonym.folded).where(TagSynonym.tag_id == tag.id)))
        self.db.add_all(
            TagSynonym(tag_id=tag.id, word=word, folded=key) for key, word in words.items() if key not in known
        )
        self.db.flush()
        record(self.db, "tag.changed", "tag", tag.id, name=tag.name, synonyms=len(words))

    def merge(self, tag: Tag, into: Tag) -> dict[str, str]:
        """Let *tag* become *into*: items, other words and addresses go along.

        :return: what taking it back needs to know.
        :raises NotMergeable: into itself, or where either is no tag of its own any more.
        """
        self.db.refresh(tag, with_for_update=True)
        self.db.refresh(into, with_for_update=True)
        if tag.id == into.id or tag.merged_into_id is not None or into.merged_into_id is not None:
            raise NotMergeable(tag.name)
        words = self.db.scalars(select(Tag.id).where(Tag.merged_into_id == tag.id)).all()
        synonyms = self.db.scalars(select(TagSynonym.id).where(TagSynonym.tag_id == tag.id)).all()
        # Whatever led to it leads to what it became, in one step: a chain or a circle cannot be made.
        self.db.execute(update(Tag).where(Tag.id.in_(words)).values(merged_into_id=into.id))
        self.db.execute(update(TagSynonym).where(TagSynonym.id.in_(synonyms)).values(tag_id=into.id))
        tag.merged_into_id = into.id
        self.db.flush()
        record(self.db, "tag.merged", "tag", tag.id, name=tag.name, into=into.name)
        self._follow(into, [tag.folded], merged=tag.id)
        return {"words": _numbers(words), "synonyms": _numbers(synonyms)}

    def unmerge(self, tag: Tag, words: Sequence[int] = (), synonyms: Sequence[int] = ()) -> None:
        """Make *tag*, which became another one, a tag of its own again, with the items that it had.

        :raises NotMergeable: where it is a tag of its own.
        """
        into = self.db.get(Tag, tag.merged_into_id) if tag.merged_into_id is not None else None
        if into is None:
            raise NotMergeable(tag.name)
        tag.merged_into_id = None
        mine = Tag.merged_into_id == into.id
        self.db.execute(update(Tag).where(Tag.id.in_(words), mine).values(merged_into_id=tag.id))
        of_into = TagSynonym.tag_id == into.id
        self.db.execute(update(TagSynonym).where(TagSynonym.id.in_(synonyms), of_into).values(tag_id=tag.id))
        self.db.flush()
        record(self.db, "tag.unmerged", "tag", tag.id, name=tag.name, was=into.name)
        enqueue(self.db, "tags.part", {"tag": tag.id, "was": into.id}, key=f"tags.part {tag.id}", user_id=None)

    def delete(self, tag: Tag, engine: Engine) -> None:
        """Remove a tag that no item has, also none that the viewer cannot see.

        :raises TagInUse: where one has.
        """
        if is_used(engine, tag.id):
            raise TagInUse(tag.name)
        record(self.db, "tag.deleted", "tag", tag.id, name=tag.name)
        self.db.execute(delete(Tag).where(Tag.id == tag.id))

    def _follow(self, tag: Tag, words: Sequence[str], *, merged: int | None = None) -> None:
        given = {"tag": tag.id, "words": list(words), "merged": merged}
        enqueue(self.db, FOLLOW, given, key=f"{FOLLOW} {tag.id} {merged or words[0]}", user_id=None)


def _numbers(rows: Sequence[int]) -> str:
    return ",".join(map(str, rows))


def is_used(engine: Engine, tag_id: int) -> bool:
    """Whether any item at all has the tag."""
    with db_unguarded(engine, reason="a tag that hidden items have is not removed") as db:
        return bool(db.scalar(select(exists(select(ContentTag.id).where(ContentTag.tag_id == tag_id)))))


def totals(engine: Engine, ids: Sequence[int]) -> dict[int, int]:
    """How many items have each tag, whoever may see them: numbers, of which no title follows."""
    with db_unguarded(engine, reason="whoever keeps tags sees how much each is used") as db:
        rows: Sequence[Any] = db.execute(
            select(ContentTag.tag_id, func.count()).where(ContentTag.tag_id.in_(ids)).group_by(ContentTag.tag_id)
        ).all()
    return {row[0]: row[1] for row in rows}
