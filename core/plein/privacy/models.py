"""Tables of privacy: exports, requests, frozen accounts and the list of who was erased."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow

#: What somebody may ask for.
REQUESTS = ("rectify", "restrict", "erase", "object", "other")


class DataExport(Base):
    """What somebody asked to get of their data: a ZIP file in the folder of files, under ``uid``."""

    __tablename__ = "data_export"

    id: Mapped[PrimaryKey]
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    #: of the table ``job``, which forgets sooner
    job_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: empty until it is there
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    size: Mapped[int] = mapped_column(default=0)
    #: plugins whose part could not be made
    missing: Mapped[list[str]] = mapped_column(default=list)


class PrivacyRequest(Base):
    """What somebody asks about their data that they cannot do themselves, and the answer."""

    __tablename__ = "privacy_request"
    __table_args__ = (Index("ix_privacy_request_closed_at", "closed_at", "id"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    #: one of :data:`REQUESTS`
    kind: Mapped[str]
    text: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)


class Restriction(Base):
    """An account that is frozen: its data stay, and are neither used nor shown in lists."""

    __tablename__ = "restriction"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str]
    #: the state of the account, to be put back
    state_before: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)


class Erasure(Base):
    """Somebody who was erased, known by the random ``uid`` of the account alone."""

    __tablename__ = "erasure"

    id: Mapped[PrimaryKey]
    user_uid: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    reason: Mapped[str] = mapped_column(default="")
    #: plugins that could not take part: ``plein privacy replay`` asks them again
    missing: Mapped[list[str]] = mapped_column(default=list)
    #: how many rows were deleted of which table
    deleted: Mapped[dict[str, Any]] = mapped_column(default=dict)
