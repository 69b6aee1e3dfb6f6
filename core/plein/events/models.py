"""The table of events: short-lived, read by the job that makes notifications of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow


class Event(Base):
    """Something that happened. Names people, items and spaces by number only, and outlives none of them.

    Nobody reads this table but the inbox's job, which asks again what each person may see.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_created_at", "created_at"),)

    id: Mapped[PrimaryKey]
    #: the name of a :class:`plein.contributions.NotificationType`
    kind: Mapped[str]
    #: who did it; none where it happened by itself
    actor_id: Mapped[int | None]
    content_id: Mapped[int | None]
    space_id: Mapped[int | None]
    #: whom it is for by name, beside those who follow: numbers of people
    addressed: Mapped[list[Any]] = mapped_column(default=list)
    #: what the sentence needs beside the names of actor and item
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: where it has one: the same thing is said once
    key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: how far the inbox is with telling: everybody whose number is not above this one has been told
    reached_id: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
