"""The wiki's own table: where a page stands in the tree. All else a page inherits."""

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from plein.api import Content


class WikiPage(Content):
    __tablename__ = "wiki_page"
    __table_args__: Any = (Index("ix_wiki_page_parent_id_position", "parent_id", "position"),)
    __mapper_args__ = {"polymorphic_identity": "wiki.page"}

    id: Mapped[int] = mapped_column(ForeignKey("content.id", ondelete="CASCADE"), primary_key=True)
    #: the page above, or none at the top of the tree
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("wiki_page.id", ondelete="SET NULL"))
    #: among pages with the same parent; equal ones go by title
    position: Mapped[int] = mapped_column(default=0)
