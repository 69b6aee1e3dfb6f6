"""Tables of freshness: how often items are read, readers' reports, and how much was up to date in each month."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from plein.content.models import OfContent
from plein.db import Base, PrimaryKey, utcnow

#: What may become of a report: it waits; it is dealt with later; the item was mended; it was right after all, and why;
#: its reader took it back.
REPORT_STATES = ("open", "later", "fixed", "right", "withdrawn")
#: Reports that are not dealt with: they count in ``Content.open_reports``.
OPEN = ("open", "later")

_IS_OPEN: Any = literal_column("state IN ('open', 'later')")


class ContentReads(OfContent, Base):
    """How often an item was read on a day. Never who: nothing in here leads to a person."""

    __tablename__ = "content_reads"
    __table_args__ = (Index("ix_content_reads_day", "day"),)

    content_id: Mapped[int] = mapped_column(ForeignKey("content.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class OutdatedReport(OfContent, Base):
    """A reader says that an item is out of date. At most one of a reader waits at an item."""

    __tablename__ = "outdated_report"
    __table_args__ = (
        Index(
            "uq_outdated_report_waiting",
            "content_id",
            "reporter_id",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
    )

    id: Mapped[PrimaryKey]
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    #: what is wrong, in the reader's words
    reason: Mapped[str]
    #: where in the text; may be empty
    place: Mapped[str] = mapped_column(default="")
    #: one of :data:`REPORT_STATES`
    state: Mapped[str] = mapped_column(default="open")
    answer: Mapped[str] = mapped_column(default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class FreshnessMonth(Base):
    """How many published items a space had in a month, and how many of them were past their date. Kept by the job."""

    __tablename__ = "freshness_month"

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    #: the first day of the month
    month: Mapped[date] = mapped_column(primary_key=True)
    items: Mapped[int]
    overdue: Mapped[int]
