"""Tables of plugins that fail: what went wrong last, and since when a plugin is paused."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, column
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow


class PluginFailure(Base):
    """Something that went wrong in a hook of a plugin. The last hundred of each are kept."""

    __tablename__ = "plugin_failure"
    __table_args__ = (Index("ix_plugin_failure_plugin", "plugin", "id"),)

    id: Mapped[PrimaryKey]
    plugin: Mapped[str]
    hook: Mapped[str]
    #: in a line
    error: Mapped[str]
    #: of the request, without its question; empty outside of one
    path: Mapped[str] = mapped_column(default="")
    milliseconds: Mapped[int] = mapped_column(default=0)
    #: whether it counts for a pause
    counts: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)


class PluginPause(Base):
    """A time in which the hooks of a plugin were left out for everybody. It goes on while ``ended_at`` is empty."""

    __tablename__ = "plugin_pause"
    __table_args__ = (
        Index(
            "uq_plugin_pause_plugin",
            "plugin",
            unique=True,
            sqlite_where=column("ended_at").is_(None),
            postgresql_where=column("ended_at").is_(None),
        ),
    )

    id: Mapped[PrimaryKey]
    plugin: Mapped[str]
    #: the last failure before it
    hook: Mapped[str]
    error: Mapped[str]
    began_at: Mapped[datetime] = mapped_column(default=utcnow)
    ended_at: Mapped[datetime | None]
    #: who resumed it; empty for the command line
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
