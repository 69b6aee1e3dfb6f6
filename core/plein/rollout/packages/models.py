"""Tables of packages: what is in each, which space has which, and who asked for what."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow


class FunctionPackage(Base):
    """A set of functions under a name that people know: "Team"."""

    __tablename__ = "function_package"

    id: Mapped[PrimaryKey]
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")


class FunctionPackagePlugin(Base):
    """A plugin in a package, by its name; also one that is not installed yet."""

    __tablename__ = "function_package_plugin"

    package_id: Mapped[int] = mapped_column(ForeignKey("function_package.id", ondelete="CASCADE"), primary_key=True)
    plugin: Mapped[str] = mapped_column(primary_key=True)


class SpacePackage(Base):
    """The package that a space has. A space without one chooses from all that may be chosen."""

    __tablename__ = "space_package"
    __table_args__ = (Index("ix_space_package_package_id", "package_id"),)

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("function_package.id", ondelete="CASCADE"))


class FunctionWish(Base):
    """Somebody asks for a function that they do not have. Once for each."""

    __tablename__ = "function_wish"
    __table_args__ = (UniqueConstraint("plugin", "user_id"),)

    id: Mapped[PrimaryKey]
    plugin: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    #: where they would use it; empty for nowhere in particular
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
