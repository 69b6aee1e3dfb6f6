"""Tables of tags: the words themselves, what else they are called, the lists they stand in, and which items have them.

``Content.tags`` holds the words as an item shows them; ``content_tag`` is the same as rows, to find and count by.
"""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plein.content.models import OfContent
from plein.db import Base, PrimaryKey


class Vocabulary(Base):
    """A list of tags that the organisation agreed on. Where a controlled one holds, only its tags can be given."""

    __tablename__ = "vocabulary"

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="")
    #: only tags of this list (or of another controlled one that holds there); an open one only suggests
    controlled: Mapped[bool] = mapped_column(default=False)
    #: an item needs at least one of its tags
    required: Mapped[bool] = mapped_column(default=False)
    #: names of the types of items that it holds for; empty for all
    types: Mapped[list[str]] = mapped_column(default=list)
    #: slugs of the spaces that it holds in; empty for all
    spaces: Mapped[list[str]] = mapped_column(default=list)


class Tag(Base):
    """A word that items are found by. One that was merged or renamed stays, as the way to what it became."""

    __tablename__ = "tag"

    id: Mapped[PrimaryKey]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    #: by :func:`plein.content.titles.tag_key`: two words that fold alike are one tag
    folded: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="")
    vocabulary_id: Mapped[int | None] = mapped_column(ForeignKey("vocabulary.id", ondelete="SET NULL"), index=True)
    #: what it became; always a tag that itself became nothing else, so the way is one step long
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"), index=True)


class TagSynonym(Base):
    """Another word for a tag: who types it gets the tag."""

    __tablename__ = "tag_synonym"

    id: Mapped[PrimaryKey]
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"), index=True)
    word: Mapped[str]
    folded: Mapped[str] = mapped_column(unique=True)


class ContentTag(OfContent, Base):
    """A tag of an item."""

    __tablename__ = "content_tag"
    __table_args__ = (
        UniqueConstraint("content_id", "tag_id"),
        Index("ix_content_tag_tag_id", "tag_id", "content_id"),
    )

    id: Mapped[PrimaryKey]
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"))


class MergedTag(OfContent, Base):
    """An item that had a tag when that was merged into another one: what undoing the merge puts back."""

    __tablename__ = "content_tag_merged"
    __table_args__ = (UniqueConstraint("content_id", "tag_id"),)

    id: Mapped[PrimaryKey]
    #: the tag that was merged into another one
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"), index=True)
    #: the item had the other one too, and keeps it
    had_both: Mapped[bool] = mapped_column(default=False)
