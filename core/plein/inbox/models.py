"""Tables of the inbox: whom and what people follow, what they were told, and how they want to be told."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow

#: What can be followed.
KINDS = ("item", "space", "tag", "user")

#: How closely. all: each new thing and each change. following: what is new, and what one follows itself. mentions: only
#: what is meant for this person. quiet: nothing, but for what asks something of them.
LEVELS = ("all", "following", "mentions", "quiet")

_UNREAD = column("read_at").is_(None)


class Follow(Base):
    """How closely a person follows something. Without a row: their own items closely, their spaces as the site says."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "target_id"),
        Index("ix_follow_kind_target_id", "kind", "target_id", "user_id"),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    #: one of :data:`KINDS`
    kind: Mapped[str]
    #: of an item, a space, a tag or a person. What is gone takes no row with it: the daily job does.
    target_id: Mapped[int]
    #: one of :data:`LEVELS`
    level: Mapped[str] = mapped_column(default="all")
    #: ``chosen`` by the person, or ``wrote``: they helped to write it
    cause: Mapped[str] = mapped_column(default="chosen")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Notification(Base):
    """Something that a person is told, with why. Only they read it, and only while they may see what it is about."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_user_id_created_at", "user_id", "created_at", "id"),
        # What happens again while the first is unread adds to that one.
        Index(
            "uq_notification_unread",
            "user_id",
            "group_key",
            unique=True,
            sqlite_where=_UNREAD,
            postgresql_where=_UNREAD,
        ),
        Index("ix_notification_mail_at", "mail_at"),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    #: the name of a :class:`plein.contributions.NotificationType`
    kind: Mapped[str]
    content_id: Mapped[int | None] = mapped_column(ForeignKey("content.id", ondelete="CASCADE"), index=True)
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    #: who did it, the last time
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    #: why this person is told: see ``inbox.words``
    reason: Mapped[str]
    #: what the sentence needs beside names and titles
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    group_key: Mapped[str]
    #: how often it happened since the person last read it
    times: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    read_at: Mapped[datetime | None]
    #: when it goes into a mail; empty where it does not, or went already
    mail_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class NotificationChoice(Base):
    """How a person wants to hear of one kind of event, where they chose."""

    __tablename__ = "notification_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    #: one of :data:`plein.contributions.events.CHANNELS`
    channel: Mapped[str]


class NotificationSchedule(Base):
    """When a person wants mail. What is empty is as the site says; see ``inbox.schedule``."""

    __tablename__ = "notification_schedule"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    #: hourly, daily or weekly
    rhythm: Mapped[str | None]
    #: ``08:00``, in the time zone of the site
    send_at: Mapped[str | None]
    #: of a weekly mail; 0 is Monday
    weekday: Mapped[int | None]
    #: between these two no mail: ``18:00`` and ``07:30``
    quiet_from: Mapped[str | None]
    quiet_until: Mapped[str | None]
    #: days without mail; 0 is Monday
    days_off: Mapped[list[Any]] = mapped_column(default=list)
    #: the first day on which mail is welcome again
    away_until: Mapped[date | None]
    #: no mail at all
    no_mail: Mapped[bool] = mapped_column(default=False)


class NotificationDefault(Base):
    """What an administrator decided for everybody who did not choose: a channel by kind of event, and the schedule."""

    __tablename__ = "notification_default"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
