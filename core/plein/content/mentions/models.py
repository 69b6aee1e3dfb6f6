"""The table of mentions: whom an item's text names."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from plein.content.models import OfContent
from plein.db import Base, PrimaryKey


class ContentMention(OfContent, Base):
    """A person or group that an item names with ``@``, as long as its text does."""

    __tablename__ = "content_mention"
    __table_args__ = (
        Index("uq_content_mention_user", "content_id", "user_id", unique=True),
        Index("uq_content_mention_group", "content_id", "group_id", unique=True),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), index=True)
    #: when they were told; none while the item is not published
    told_at: Mapped[datetime | None]
