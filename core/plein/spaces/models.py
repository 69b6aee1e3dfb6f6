"""Tables of spaces: the space itself and who belongs to it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from plein.db import Base, PrimaryKey, utcnow

#: open: everybody reads. closed: everybody sees that it exists, members read. hidden: members only.
ACCESS = ("open", "closed", "hidden")

#: From most to least; each may do what those after it may.
ROLES = ("manager", "editor", "member", "reader")


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

    memberships: Mapped[list["Membership"]] = relationship(back_populates="space", cascade="all, delete-orphan")


class Membership(Base):
    """A person in a space, with one role. A request to join is a membership whose role is ``asked``."""

    __tablename__ = "membership"

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(default="member")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

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
