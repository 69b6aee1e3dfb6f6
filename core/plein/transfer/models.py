"""What imports remember: which source became which item, and what that source said the last time."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow


class ImportItem(Base):
    """A page of a source, as it was last brought in: what people write afterwards is told by comparing with it."""

    __tablename__ = "import_item"
    __table_args__ = (UniqueConstraint("space_id", "source", "path"),)

    id: Mapped[PrimaryKey]
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    #: the name of the imported folder
    source: Mapped[str]
    #: of the page in the folder; ``folder/`` for the page of a folder
    path: Mapped[str]
    #: empty when the item was deleted for good: it does not come back by itself
    content_id: Mapped[int | None] = mapped_column(ForeignKey("content.id", ondelete="SET NULL"), index=True)
    #: of all that decides what the page becomes
    digest: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(default=list)
    #: name at the item → SHA-256 of the source's file
    files: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: the version of the item that the import left behind
    version: Mapped[int]
    #: the receipt that tells of it
    receipt: Mapped[str]
    imported_at: Mapped[datetime] = mapped_column(default=utcnow)
