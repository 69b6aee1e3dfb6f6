"""Files that people send: kept for a day at most, while they look at what would happen."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.directories import DirectorySource
from plein.people.directory_sync.columns import guess, read_rows
from plein.people.directory_sync.csv_files import UPLOADS, Table, open_table
from plein.people.directory_sync.engine import Plan
from plein.people.directory_sync.models import DirectoryUpload
from plein.people.directory_sync.runs import plan_of
from plein.people.group_rows import UNSYNCHRONIZED
from plein.people.profile_models import PersonField
from plein.settings import Settings

#: A file with everybody's data does not lie around.
KEPT = timedelta(days=1)


def plan_of_table(
    table: Table,
    kind: str,
    columns: Mapping[str, str],
    settings: Settings,
    *,
    is_all: bool,
    allowed: int | None = None,
) -> Plan:
    """What is brought in from a file.

    :param is_all: whether who is missing from the file has left; else the file only adds and changes.
    """
    source = DirectorySource(UPLOADS, UPLOADS, lambda context: read_rows(context, table, kind, columns))
    plan = plan_of(source, settings, allowed)
    return Plan(
        source=plan.source,
        read=plan.read,
        settings=plan.settings,
        people=is_all and kind == "people",
        groups=is_all and kind == "groups",
        limit_percent=plan.limit_percent,
        allowed=plan.allowed,
        local_only=plan.local_only,
    )


def guessed_columns(db: Session, kind: str, table: Table) -> dict[str, str]:
    """The column for each of our fields as far as names tell, with the fields that administrators declared."""
    return guess(kind, table.columns, declared_fields(db))


def declared_fields(db: Session) -> dict[str, str]:
    """Name → title of the declared fields that a directory may fill."""
    rows = select(PersonField.name, PersonField.title).where(PersonField.filled_by.in_(("directory", "both")))
    return {row.name: row.title for row in db.execute(rows.order_by(PersonField.position, PersonField.id))}


def keep_upload(db: Session, user_id: int, filename: str, kind: str, data: bytes) -> DirectoryUpload:
    """Keep a file for its sender, with the columns as guessed; what others forgot is thrown away.

    :raises FileRefused: where it is no table.
    """
    table = open_table(data)
    throw_away(db)
    upload = DirectoryUpload(
        uid=str(uuid4()),
        user_id=user_id,
        filename=filename[:120],
        kind=kind,
        data=data,
        choices={"columns": guessed_columns(db, kind, table), "is_all": False},
    )
    db.add(upload)
    db.flush()
    return upload


def find_upload(db: Session, user_id: int | None, uid: str) -> DirectoryUpload | None:
    """The file with this number, where this person sent it no longer than a day ago."""
    return db.scalar(
        select(DirectoryUpload).where(
            DirectoryUpload.uid == uid,
            DirectoryUpload.user_id == user_id,
            DirectoryUpload.created_at > utcnow() - KEPT,
        )
    )


def throw_away(db: Session) -> None:
    """Throw away files that are older than a day."""
    db.execute(
        delete(DirectoryUpload).where(DirectoryUpload.created_at <= utcnow() - KEPT), execution_options=UNSYNCHRONIZED
    )
