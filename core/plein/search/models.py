"""The search index's own table: one narrow row for each item that can be found.

It repeats what decides who sees an item, so that a search narrows thousands of matches to what the viewer may
see without opening the wide content rows. The words themselves lie where the database searches best, made by
the migration: in an FTS5 table ``search_index`` on SQLite, in a tsvector column ``words`` on PostgreSQL.
"""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from plein.content.visibility import visible_content
from plein.db import Base, protect


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


protect(SearchDocument, visible_content)
