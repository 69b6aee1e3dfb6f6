"""Tables of security: rate limits, changed permissions, and the numbers that say that something changed."""

from sqlalchemy import ForeignKey, Index, column
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey


class RateCounter(Base):
    """How often something happened in a window: kept here so that every process counts the same."""

    __tablename__ = "rate_counter"

    #: purpose, and account or address
    key: Mapped[str] = mapped_column(primary_key=True)
    #: start of the window, in seconds since 1970
    window: Mapped[int] = mapped_column(primary_key=True)
    hits: Mapped[int] = mapped_column(default=0)


class Stamp(Base):
    """A number that grows with each change of something that processes keep: they read it with the viewer."""

    __tablename__ = "stamp"

    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


class PermissionGrant(Base):
    """A cell of the table of permissions that differs from what the permission declares.

    ``space_id`` is empty for the whole site. What a space says goes before what the site says.
    """

    __tablename__ = "permission_grant"
    __table_args__ = (
        # Two indexes, because an empty space_id never equals another one.
        Index(
            "uq_permission_grant_site",
            "permission",
            "role",
            unique=True,
            sqlite_where=column("space_id").is_(None),
            postgresql_where=column("space_id").is_(None),
        ),
        Index("uq_permission_grant_space", "space_id", "permission", "role", unique=True),
    )

    id: Mapped[PrimaryKey]
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    permission: Mapped[str]
    role: Mapped[str]
    allowed: Mapped[bool]
