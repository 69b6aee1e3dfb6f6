"""Tables of spaces: the space itself, who belongs to it, who is invited, and the templates that spaces start from."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from plein.db import Base, PrimaryKey, utcnow

#: open: everybody reads. closed: everybody sees that it exists, members read. hidden: members only.
ACCESS = ("open", "closed", "hidden")

#: From most to least; each may do what those after it may.
ROLES = ("manager", "editor", "member", "reader")

#: What a request to join is, in the column that otherwise holds a role; and what becomes of it.
ASKED, DECLINED = "asked", "declined"


class Space(Base):
    __tablename__ = "space"

    id: Mapped[PrimaryKey]
    uid: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    purpose: Mapped[str] = mapped_column(default="")
    access: Mapped[str] = mapped_column(default="open")
    language: Mapped[str] = mapped_column(default="nl")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: an archived space is only read
    archived_at: Mapped[datetime | None]
    #: the space that this one belongs to, as a label: no right is inherited
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="SET NULL"), index=True)

    #: Markdown for who is new; shown until they have read it, and to be found on the space's home
    welcome: Mapped[str] = mapped_column(default="")
    #: the item on top of the space's home; one that moved or went away is simply not shown
    pinned_uid: Mapped[str | None]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="space", cascade="all, delete-orphan")


class SpaceRedirect(Base):
    """An address that a space had before. All that was in it is still found there."""

    __tablename__ = "space_redirect"

    id: Mapped[PrimaryKey]
    slug: Mapped[str] = mapped_column(unique=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Membership(Base):
    """A person in a space, with one role. A request to join is a membership whose role is ``asked`` or ``declined``."""

    __tablename__ = "membership"

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(default="member")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: what a person said when they asked to join
    note: Mapped[str] = mapped_column(default="")
    #: until when a request waits for an answer; empty for a member
    expires_at: Mapped[datetime | None]

    space: Mapped[Space] = relationship(back_populates="memberships")


class GroupMembership(Base):
    """A group in a space: each colleague in the group has the role. Guests have only what they were invited to."""

    __tablename__ = "group_membership"

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(default="member")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class BrokenGlass(Base):
    """An administrator who looks into a space that is not theirs: for a reason, for an hour, seen by its managers."""

    __tablename__ = "broken_glass"
    __table_args__ = (Index("ix_broken_glass_user_id", "user_id", "ends_at"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    ends_at: Mapped[datetime]


class SpaceInvitation(Base):
    """An invitation into a space, for a person with an account. Guests who never signed in come by a link in a mail."""

    __tablename__ = "space_invitation"

    id: Mapped[PrimaryKey]
    uid: Mapped[str] = mapped_column(unique=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    inviter_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    role: Mapped[str] = mapped_column(default="member")
    note: Mapped[str] = mapped_column(default="")
    #: of the token in the mail; empty for whoever answers signed in
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    #: open, accepted, declined or revoked
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class SpaceTemplate(Base):
    """What a new space starts from: see :mod:`plein.spaces.space_templates`."""

    __tablename__ = "space_template"

    id: Mapped[PrimaryKey]
    #: in addresses; the same as that of a template that Plein brings, where it takes its place
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: whether people can choose it
    is_offered: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class SpaceWelcomed(Base):
    """Who has read the welcome text of a space, so that it is shown to them once."""

    __tablename__ = "space_welcomed"

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
