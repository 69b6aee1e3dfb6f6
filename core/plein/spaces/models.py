"""Tables of spaces: the space itself and who belongs to it."""

from datetime import datetime

from sqlalchemy import ForeignKey
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

    memberships: Mapped[list["Membership"]] = relationship(back_populates="space", cascade="all, delete-orphan")


class Membership(Base):
    """A person in a space, with one role. A request to join is a membership whose role is ``asked``."""

    __tablename__ = "membership"

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(default="member")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    space: Mapped[Space] = relationship(back_populates="memberships")
