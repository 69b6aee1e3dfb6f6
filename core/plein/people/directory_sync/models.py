"""Tables of directories: which person a source keeps, what each run did, and a file that waits for an answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow


class DirectoryPerson(Base):
    """A person whom a source knows, and what it calls them."""

    __tablename__ = "directory_person"
    __table_args__ = (Index("uq_directory_person_source", "source", "external_id", unique=True),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    #: whether the source made the account; it never closes one that people made
    made: Mapped[bool]
    #: when the source closed the account; only then may it open it again
    closed_at: Mapped[datetime | None]


class DirectoryRun(Base):
    """One time that people and groups were brought in, or looked at: what became of it."""

    __tablename__ = "directory_run"

    id: Mapped[PrimaryKey]
    source: Mapped[str] = mapped_column(index=True)
    #: tried: a dry run. done: all of it happened. stopped: too many accounts would have been closed. refused: mistakes
    #: in what was read. failed: it could not be read. In all but ``done`` nothing changed.
    state: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime] = mapped_column(default=utcnow)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    #: how many: ``{"person.new": 3, "group.unchanged": 5, …}``
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: sentences for people, see ``report.Remark``
    remarks: Mapped[list[Any]] = mapped_column(default=list)
    #: the uploaded file that a dry run was of, while it is kept
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("directory_upload.id", ondelete="SET NULL"), index=True)


class DirectoryChange(Base):
    """What a run did, or would do, with one person or group. What stays as it is has no row."""

    __tablename__ = "directory_change"

    run_id: Mapped[int] = mapped_column(ForeignKey("directory_run.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    #: person or group
    object: Mapped[str]
    #: new, changed, reactivated, deactivated, emptied, kept, skipped
    action: Mapped[str]
    #: the login, or what the source calls the group
    subject: Mapped[str]
    name: Mapped[str]
    #: a word of ``report.REASONS``, or empty
    reason: Mapped[str]
    #: the names of what changed
    fields: Mapped[list[str]]


class DirectoryUpload(Base):
    """A file that somebody sent, until it is brought in or a day has passed."""

    __tablename__ = "directory_upload"

    id: Mapped[PrimaryKey]
    uid: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    filename: Mapped[str]
    #: people or groups
    kind: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    #: ``columns``: the column of the file for each of our fields. ``is_all``: whether who is missing has left.
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
