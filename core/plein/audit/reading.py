"""Looking things up in the audit log: narrowed by what was done, to what, by whom, when and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from plein.audit.models import AuditEntry

PAGE = 50
RESULTS = ("done", "refused", "failed")


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look for; empty values are not looked at.

    :param person: the number of a person: who did it, or to whom it was done.
    :param since: from this moment on.
    :param until: before this moment.
    """

    action: str = ""
    object_type: str = ""
    object_id: str = ""
    person: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    result: str = ""

    def conditions(self) -> list[Any]:
        """As conditions on :class:`AuditEntry`."""
        found: list[Any] = [
            getattr(AuditEntry, name) == getattr(self, name)
            for name in ("action", "object_type", "object_id", "result")
            if getattr(self, name)
        ]
        if self.person is not None:
            to_whom = and_(AuditEntry.object_type == "user", AuditEntry.object_id == str(self.person))
            found.append(or_(AuditEntry.actor_id == self.person, to_whom))
        if self.since is not None:
            found.append(AuditEntry.at >= self.since)
        if self.until is not None:
            found.append(AuditEntry.at < self.until)
        return found


def latest(
    db: Session, filters: Filters, *, before: int | None = None, size: int = PAGE
) -> tuple[Sequence[AuditEntry], int | None]:
    """Entries, newest first, before the number *before*; and the number to go on with, ``None`` at the end."""
    query = select(AuditEntry).where(*filters.conditions())
    if before is not None:
        query = query.where(AuditEntry.number < before)
    rows = db.scalars(query.order_by(AuditEntry.number.desc()).limit(size + 1)).all()
    return rows[:size], rows[size - 1].number if len(rows) > size else None
