"""Tables of what waits for approval: a changed text beside the item it is about, and what people say about it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from plein.content.models import OfContent
from plein.db import Base, PrimaryKey, utcnow

#: approved, rejected and withdrawn are for good; a change that is sent anew is another proposal.
STATES = ("open", "approved", "rejected", "withdrawn")

_OPEN: Any = literal_column("state = 'open'")


class Proposal(OfContent, Base):
    """Something that somebody else has to agree to: a draft that wants to be published, or a changed text.

    Seen by its author, who is asked to approve it, and who may edit the item: see ``content.life.visibility``.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        # Who sends a change again changes the one that waits already.
        Index("uq_proposal_open", "content_id", "author_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_proposal_state_updated_at", "state", "updated_at", "id"),
    )

    id: Mapped[PrimaryKey]
    #: ``publish``: the item is a draft, and is what is proposed. ``change``: the text below, for an item that is read.
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(default=list)
    #: the fields of the type's own, by name, as JSON has them
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: what was changed and why, in the author's words
    note: Mapped[str] = mapped_column(default="")
    #: the version of the item that it was made from; of a draft the version that was sent
    base_version: Mapped[int]
    #: counts up each time it is sent anew, so that nobody approves what they have not seen
    round: Mapped[int] = mapped_column(default=1)
    #: when it appears, where it is to be published later
    publish_at: Mapped[datetime | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    #: who is asked by name; without, everybody who may approve
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    #: one of :data:`STATES`
    state: Mapped[str] = mapped_column(default="open")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[datetime | None]
    #: why it was approved or rejected
    reason: Mapped[str] = mapped_column(default="")
    #: the version of the item that came of it
    version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class ProposalComment(OfContent, Base):
    """What somebody says about a proposal; seen by who sees the proposal."""

    __tablename__ = "proposal_comment"

    id: Mapped[PrimaryKey]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
