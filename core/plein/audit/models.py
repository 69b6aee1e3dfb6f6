"""Tables of the audit log. Nothing changes or removes an entry but the retention, which leaves its mark in the head."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base


class AuditEntry(Base):
    """One act. ``actor_id`` and ``object_id`` refer to rows without a foreign key: the entry outlives them."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_action", "action", "number"),
        Index("ix_audit_entry_actor_id", "actor_id", "number"),
        Index("ix_audit_entry_object", "object_type", "object_id", "number"),
    )

    #: without gaps, in the order of the chain
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    #: the person, ``None`` for somebody unknown or the system itself
    actor_id: Mapped[int | None]
    #: ``account.suspended``, ``permission.changed``
    action: Mapped[str]
    #: what it was done to: ``user``, ``space``, ``content``, ``permission``, ``setting``, …
    object_type: Mapped[str]
    #: which one: the row's id, or a name
    object_id: Mapped[str]
    #: ``done``, ``refused`` or ``failed``
    result: Mapped[str]
    #: an IP address, ``command line`` or ``job``
    origin: Mapped[str]
    #: what else there is to know: before and after, a reason. Never a text or title of content, never a secret.
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: SHA-256 of the entry together with the hash of the one before, hexadecimal
    hash: Mapped[str]


class AuditHead(Base):
    """The end of the chain, one row: locked by whoever writes the next entry."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(default="")
    #: the last entry that retention removed, and its hash: where the chain that is left begins
    removed_number: Mapped[int] = mapped_column(default=0)
    removed_hash: Mapped[str] = mapped_column(default="")
