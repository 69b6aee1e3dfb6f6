"""Whether the audit log is as it was written, and taking away what has been kept long enough.

Entries are read in parts, so that a log of millions of them takes no more memory than a short one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from plein.audit.log import chained, record
from plein.audit.models import AuditEntry, AuditHead
from plein.db import open_session, utcnow

#: Entries in memory at once.
PART = 1_000
#: Retention removes nothing younger: the database refuses it, see migration 0003.
LEAST_DAYS = 90

#: What an entry is made of, in the order in which it is shown.
FIELDS = ("number", "at", "actor_id", "action", "object_type", "object_id", "result", "origin", "details", "hash")
_COLUMNS = tuple(getattr(AuditEntry, name) for name in FIELDS)


@dataclass(frozen=True, slots=True)
class Verified:
    """What walking the chain found.

    :param entries: how many there are.
    :param removed: how many were taken away by retention before the first.
    :param number: of the last entry.
    :param hash: of the last entry: kept elsewhere, it proves later that nothing up to here was changed.
    :param broken: the first number at which something is wrong, ``None`` where all is well.
    :param problem: what is wrong there.
    """

    entries: int
    removed: int
    number: int
    hash: str
    broken: int | None = None
    problem: str = ""


def entries(db: Session, *conditions: Any, after: int = 0, until: int | None = None) -> Iterator[dict[str, Any]]:
    """Entries in order as dicts of :data:`FIELDS`, read in parts.

    :param after: the number after which to begin.
    :param until: the last number.
    """
    if until is not None:
        conditions = (*conditions, AuditEntry.number <= until)
    while True:
        part = select(*_COLUMNS).where(AuditEntry.number > after, *conditions).order_by(AuditEntry.number).limit(PART)
        rows = db.execute(part).all()
        for row in rows:
            yield dict(zip(FIELDS, row, strict=True))
        if len(rows) < PART:
            return
        after = rows[-1].number


def verify(engine: Engine, known: dict[int, str] | None = None) -> Verified:
    """Walk the whole chain, as it was at the start: what is written or purged meanwhile is not held up, nor seen.

    :param known: number → hash as they were noted down earlier.
    """
    known = dict(known or {})
    with open_session(engine) as db:
        if engine.dialect.name == "postgresql":
            # SQLite reads one state of the database by itself.
            db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        head = db.execute(
            select(AuditHead.number, AuditHead.hash, AuditHead.removed_number, AuditHead.removed_hash)
        ).one_or_none()
        if head is None:
            return Verified(0, 0, 0, "", 1, "the row that keeps the end of the chain is gone")
        number, last = head.removed_number, head.removed_hash
        count = 0

        def broken(where: int, problem: str) -> Verified:
            return Verified(count, head.removed_number, number, last, where, problem)

        for entry in entries(db, after=0, until=head.number):
            if entry["number"] != number + 1:
                return broken(number + 1, _gap(entry["number"], number + 1))
            if chained(last, entry) != entry["hash"]:
                return broken(entry["number"], "it is not what was written")
            number, last, count = entry["number"], entry["hash"], count + 1
            if known.pop(number, last) != last:
                return broken(number, "its hash is not the one that was noted down")
        if (number, last) != (head.number, head.hash):
            return broken(number + 1, "the end of the chain is missing")
        # What retention removed can no longer be looked at.
        gone = [one for one in known if one > number]
        if gone:
            return broken(min(gone), "the end of the chain is missing")
        return Verified(count, head.removed_number, number, last)


def _gap(found: int, expected: int) -> str:
    return "it is missing" if found > expected else "it was taken away, and came back"


def purge(db: Session, days: int, *, part: int = 10 * PART, now: datetime | None = None) -> int:
    """Take away the entries older than *days*, oldest first, at most *part* of them; give how many.

    The head keeps the number and hash of the last one that went, so that the chain can still be verified. That it was
    done is recorded. Nothing is committed: call it again, in a transaction of its own, until it gives 0.

    :param days: at least :data:`LEAST_DAYS`.
    """
    if days < LEAST_DAYS:
        raise ValueError(f"the audit log is kept for {LEAST_DAYS} days at least")
    cutoff = (now or utcnow()) - timedelta(days=days)
    head = db.execute(select(AuditHead.number, AuditHead.removed_number).with_for_update()).one()
    # Everything before the first entry that stays; a clock that was set back keeps more, never less.
    first = db.scalar(select(func.min(AuditEntry.number)).where(AuditEntry.at >= cutoff)) or head.number + 1
    last = min(first - 1, head.removed_number + part)
    if last <= head.removed_number:
        return 0
    digest = db.scalar(select(AuditEntry.hash).where(AuditEntry.number == last))
    db.execute(update(AuditHead).values(removed_number=last, removed_hash=digest))
    db.execute(delete(AuditEntry).where(AuditEntry.number <= last))
    gone = last - head.removed_number
    record(db, "audit.purged", "audit", f"{head.removed_number + 1}-{last}", days=days, entries=gone)
    return int(gone)
