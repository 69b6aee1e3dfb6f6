"""Tables of search: the index's own row of each item, and what people and administrators keep about searching.

A row of the index repeats what decides who sees an item and what its rank is made of, so that a search narrows
thousands of matches to what the viewer may see without opening the wide content rows. The words themselves lie where
the database searches best, made by the migration: in an FTS5 table ``search_index`` on SQLite, in a tsvector column
``words`` on PostgreSQL.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plein.content.visibility import visible_content
from plein.db import Base, PrimaryKey, protect, utcnow

#: Compared byte by byte on both databases: only then a beginning of a word is a range of an index.
_BYTES = Text().with_variant(Text(collation="C"), "postgresql")


class SearchDocument(Base):
    """What the index knows of an item besides its words. Trashed items have no row."""

    __tablename__ = "search_document"

    content_id: Mapped[int] = mapped_column(
        ForeignKey("content.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    space_id: Mapped[int]
    type: Mapped[str]
    state: Mapped[str]
    restricted: Mapped[bool]
    author_id: Mapped[int | None]
    owner_id: Mapped[int | None]
    updated_at: Mapped[datetime]
    #: how many words the title has: of two titles with the word sought, the shorter is more about it
    title_words: Mapped[int]
    #: the version of the item that was indexed
    version: Mapped[int]
    #: how words were made (:data:`plein.search.text.FORMAT`); another number means: index again
    format: Mapped[int]
    #: what the item is about most, and how much: see :mod:`plein.search.rank`
    weights: Mapped[str] = mapped_column(default="")
    #: reads in the last 90 days, copied once a day
    popularity: Mapped[int] = mapped_column(default=0)
    open_reports: Mapped[int] = mapped_column(default=0)
    has_files: Mapped[bool] = mapped_column(default=False)
    review_on: Mapped[date | None]
    reviewed_at: Mapped[datetime | None]


protect(SearchDocument, visible_content)


class SearchWord(Base):
    """A word or stem that stands in some item, and in how many. Tells nothing: see :mod:`plein.search.vocabulary`."""

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(_BYTES, primary_key=True)
    documents: Mapped[int]
    #: somebody wrote it so; otherwise it is only a stem
    is_written: Mapped[bool]


class SearchGram(Base):
    """Three letters side by side in a word that somebody wrote, by which words that look alike are found."""

    __tablename__ = "search_gram"

    gram: Mapped[str] = mapped_column(_BYTES, primary_key=True)
    word: Mapped[str] = mapped_column(_BYTES, primary_key=True)


class Synonym(Base):
    """What an administrator wrote: ``thuiswerken = telewerken``, or ``zorgverlof = zorg + verlof``."""

    __tablename__ = "search_synonym"

    id: Mapped[PrimaryKey]
    text: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class SynonymKey(Base):
    """Words, folded, for which a :class:`Synonym` says what else to look for."""

    __tablename__ = "search_synonym_key"

    words: Mapped[str] = mapped_column(_BYTES, primary_key=True)
    synonym_id: Mapped[int] = mapped_column(
        ForeignKey("search_synonym.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class BestBet(Base):
    """What stands above all hits for a question: an item of this site, or an address with a text."""

    __tablename__ = "search_best_bet"

    id: Mapped[PrimaryKey]
    #: the question, folded
    words: Mapped[str] = mapped_column(_BYTES, index=True)
    #: for readers in this language; empty for all
    language: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    content_id: Mapped[int | None] = mapped_column(ForeignKey("content.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class SavedSearch(Base):
    """A question with its filters that somebody keeps."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str]
    question: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class MissedSearch(Base):
    """Words that found nothing, on one day. No person: see :mod:`plein.search.missed`."""

    __tablename__ = "search_missed"

    day: Mapped[date] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(_BYTES, primary_key=True)
    times: Mapped[int] = mapped_column(default=0)
    #: at most three small numbers, thrown away when there are three
    marks: Mapped[list[Any]] = mapped_column(default=list)
