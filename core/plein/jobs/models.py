"""Tables of work for later. The rows are the truth: whatever engine runs them may lose its own."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, column
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow

#: waiting: until ``run_at``. running: by whoever holds the lease. failed: given up, until somebody asks again.
STATES = ("waiting", "running", "done", "failed")


class QueuedJob(Base):
    """One piece of work: a job's name with its arguments."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_run_at", "state", "run_at", "id"),
        Index(
            "uq_job_key",
            "key",
            unique=True,
            sqlite_where=column("state") == "waiting",
            postgresql_where=column("state") == "waiting",
        ),
    )

    id: Mapped[PrimaryKey]
    #: ``mail.send``, of :class:`plein.contributions.Job`
    name: Mapped[str]
    #: emptied when it is done: they may hold what nobody should find later
    arguments: Mapped[dict[str, Any]]
    #: two that wait with the same key are one
    key: Mapped[str | None]
    #: who asked, and as whom it runs; ``None`` for the system itself
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default="waiting")
    run_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: when the broker was last told of it; none where nobody was told yet
    handed_at: Mapped[datetime | None]
    #: how often it was begun; also what tells the last process that began it from an earlier one
    attempts: Mapped[int] = mapped_column(default=0)
    #: until when the process that runs it is believed to be alive
    lease_until: Mapped[datetime | None]
    #: why the last attempt failed, in a line
    error: Mapped[str] = mapped_column(default="")
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobSchedule(Base):
    """When a job that recurs is due next: whoever moves it, of all processes, has it run."""

    __tablename__ = "job_schedule"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
