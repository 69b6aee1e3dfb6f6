"""Tables of files beside :class:`plein.content.models.Attachment`: what a file was before, its sizes, what is held."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plein.blobs import FILE_DIGEST
from plein.content.models import OfContent
from plein.db import Base, PrimaryKey, utcnow


class AttachmentVersion(OfContent, Base):
    """What a file was before it was replaced, or removed: then no Attachment has its ``uid`` any more."""

    __tablename__ = "attachment_version"
    __table_args__ = (UniqueConstraint("uid", "version"),)

    id: Mapped[PrimaryKey]
    #: of the attachment
    uid: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(index=True, info=FILE_DIGEST)
    width: Mapped[int | None]
    height: Mapped[int | None]
    alt: Mapped[str | None]
    scan_state: Mapped[str]
    #: ``replaced`` or ``removed``
    kind: Mapped[str]
    #: who added it, and when
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    #: who put another in its place, or removed it
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    ended_at: Mapped[datetime] = mapped_column(default=utcnow)


class PictureSize(Base):
    """A picture made smaller. Belongs to the bytes: pictures that are equal share it. Says nothing of any item."""

    __tablename__ = "picture_size"
    __table_args__ = (UniqueConstraint("of_digest", "width"),)

    id: Mapped[PrimaryKey]
    of_digest: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(index=True, info=FILE_DIGEST)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class HeldFile(Base):
    """A file that somebody put into a new item before it was saved; theirs alone until then."""

    __tablename__ = "held_file"
    __table_args__ = (
        UniqueConstraint("user_id", "space_id", "type", "name"),
        Index("ix_held_file_created_at", "created_at"),
    )

    id: Mapped[PrimaryKey]
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    type: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(index=True, info=FILE_DIGEST)
    width: Mapped[int | None]
    height: Mapped[int | None]
    alt: Mapped[str | None]
    scan_state: Mapped[str]
    scan_found: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class LostFile(Base):
    """A stored file that no row names, and since when: it is thrown away long after, for the sake of backups."""

    __tablename__ = "lost_file"

    digest: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)
