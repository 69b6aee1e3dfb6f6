"""Tables of writing: texts that are not saved yet, who is writing where at this moment, and templates."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plein.content.models import OfContent
from plein.db import Base, PrimaryKey, utcnow


class Unsaved(Base):
    """What somebody typed into the form of an item and did not save yet; read by nobody else.

    It does not hang on its item, but on its writer: who may not see the item any more still has the text.
    """

    __tablename__ = "unsaved"
    __table_args__ = (UniqueConstraint("user_id", "draft"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    #: none for a new item, and where the item is gone for good
    content_id: Mapped[int | None] = mapped_column(ForeignKey("content.id", ondelete="SET NULL"), index=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    type: Mapped[str]
    #: ``item 12``, or for a new one a random word that stays the same when its writer goes on another day
    draft: Mapped[str]
    #: which form stored it last: a random word for each that is opened, in each tab
    form: Mapped[str]
    #: goes up with each time it is stored; a form that knows an older one must not overwrite it
    revision: Mapped[int] = mapped_column(default=1)
    #: every field of the form, by name, as text
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    #: when its writer threw it away; it can be taken back for a day
    thrown_at: Mapped[datetime | None]


class Presence(OfContent, Base):
    """Somebody has the form of an item open. Rows go after a minute, so they tell no history."""

    __tablename__ = "writing_presence"
    __table_args__ = (Index("ix_writing_presence_seen_at", "seen_at"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    content_id: Mapped[int] = mapped_column(ForeignKey("content.id", ondelete="CASCADE"), primary_key=True, index=True)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)


class ContentTemplate(Base):
    """What a new item of a type can begin with, in one space or in all."""

    __tablename__ = "content_template"
    __table_args__ = (Index("ix_content_template_type_space_id", "type", "space_id"),)

    id: Mapped[PrimaryKey]
    type: Mapped[str]
    #: none for all spaces
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    #: what the title begins as; may hold placeholders, as the text may
    title: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    #: the headings that must stay and be filled in
    required: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(default="nl")
    position: Mapped[int] = mapped_column(default=0)
    #: a new item begins with it unless its writer chooses another
    is_default: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class FromTemplate(OfContent, Base):
    """From which template an item was made: what must be filled in there, must stay so."""

    __tablename__ = "content_from_template"

    content_id: Mapped[int] = mapped_column(ForeignKey("content.id", ondelete="CASCADE"), primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("content_template.id", ondelete="CASCADE"), index=True)
