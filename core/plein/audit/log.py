"""Writing the audit log: one line where something is done, stored together with what it tells of.

Entries wait in the session and are written when its transaction commits, so that the lock on the end of the chain is
held as briefly as can be, and always taken last. What is rolled back leaves no entry, a savepoint included; an attempt
that failed is recorded in a transaction of its own, by :func:`record_aside`.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from plein.audit.models import AuditEntry, AuditHead
from plein.db import utcnow
from plein.db.aside import aside
from plein.db.session import VIEWER

#: Where a session keeps where its acts come from: an address, ``command line``, ``job``.
ORIGIN = "origin"
_WAITING = "audit_entries"


def record(
    db: Session,
    action: str,
    object_type: str,
    object_id: object = "",
    *,
    result: str = "done",
    actor_id: int | None = None,
    **details: Any,
) -> None:
    """Have an entry written when *db* commits. The actor is the session's viewer, the origin what it was opened for.

    :param action: what was done, ``account.suspended``: the object's word, a dot, the past tense.
    :param object_type: ``user``, ``space``, ``content``, ``group``, ``permission``, ``setting``, ``session``, ….
    :param object_id: which one; the row's id where it has one.
    :param result: ``done``, ``refused`` or ``failed``.
    :param actor_id: who, where it is not the viewer: somebody who is signing in.
    :param details: plain values, such as ``before="member", after="editor"``. No titles, texts or secrets.
    """
    entry = _entry(action, object_type, object_id, result, details)
    viewer = db.info.get(VIEWER)
    entry["actor_id"] = actor_id if actor_id is not None else getattr(viewer, "user_id", None)
    entry["origin"] = _storable(db.info.get(ORIGIN, "command line"))
    # Begins the transaction where nothing has yet: there must be one to commit, or to roll back.
    db.connection()
    db.info.setdefault(_WAITING, []).append((db.get_nested_transaction(), entry))


def record_aside(
    engine: Engine,
    action: str,
    object_type: str,
    object_id: object = "",
    *,
    result: str,
    origin: str,
    actor_id: int | None = None,
    **details: Any,
) -> None:
    """Write an entry at once, in a transaction of its own: for a refusal, whose own transaction stores nothing.

    Never call it where the request's session may hold SQLite's write lock.
    """
    entry = _entry(action, object_type, object_id, result, details) | {
        "actor_id": actor_id,
        "origin": _storable(origin),
    }
    with aside(engine) as connection:
        _append(connection, [entry])


def _entry(action: str, object_type: str, object_id: object, result: str, details: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": utcnow(),
        "action": action,
        "object_type": object_type,
        "object_id": _storable(str(object_id)),
        "result": result,
        "details": _storable(details),
    }


def _storable(value: Any) -> Any:
    """*value* as it comes back from both databases, so that its hash can be made again: PostgreSQL takes no zero
    byte nor half a character, and writes fractions its own way.
    """
    if isinstance(value, dict):
        return {str(name): _storable(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_storable(one) for one in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if value is None or isinstance(value, bool | int):
        return value
    return str(value).replace("\0", "").encode("utf-8", "replace").decode()


def chained(previous: str, entry: dict[str, Any]) -> str:
    """The hash of *entry* after the entry whose hash is *previous*: SHA-256 of one line of JSON, keys sorted."""
    at: datetime = entry["at"]
    plain = {name: value for name, value in entry.items() if name != "hash"}
    plain |= {"at": at.astimezone(UTC).isoformat(timespec="microseconds"), "previous": previous}
    line = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(line.encode()).hexdigest()


def _append(connection: Any, entries: list[dict[str, Any]]) -> None:
    """Write *entries* at the end of the chain, in the connection's or session's transaction."""
    head = connection.execute(select(AuditHead.number, AuditHead.hash).with_for_update()).one()
    number, last = head
    rows = []
    for entry in entries:
        number += 1
        row = {"number": number, **entry}
        last = row["hash"] = chained(last, row)
        rows.append(row)
    connection.execute(insert(AuditEntry), rows)
    connection.execute(update(AuditHead).values(number=number, hash=last))


@event.listens_for(Session, "before_commit")
def _write(db: Session) -> None:
    if db.get_nested_transaction() is None:
        # What is flushed may be recorded too.
        if db.info.get(_WAITING):
            db.flush()
        entries = [entry for _owner, entry in db.info.pop(_WAITING, ())]
        if entries:
            _append(db, entries)


@event.listens_for(Session, "after_rollback")
def _forget(db: Session) -> None:
    """What was recorded in a savepoint goes with it; with the transaction itself, all does."""
    ended = db.get_nested_transaction()
    waiting = db.info.pop(_WAITING, ())
    if ended is not None:
        db.info[_WAITING] = [(owner, entry) for owner, entry in waiting if owner is not ended]


@event.listens_for(Session, "after_transaction_end")
def _hand_over(db: Session, ended: SessionTransaction) -> None:
    """What was recorded in a savepoint that is done belongs to the one around it, or to the transaction."""
    if ended.parent is None:
        # Closed without a word: nothing was stored.
        db.info.pop(_WAITING, None)
    elif ended.nested and db.info.get(_WAITING):
        outer: SessionTransaction | None = ended.parent
        while outer is not None and not outer.nested:
            outer = outer.parent
        db.info[_WAITING] = [(outer if owner is ended else owner, entry) for owner, entry in db.info[_WAITING]]
