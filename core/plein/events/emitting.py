"""Writing an event down."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.events.models import Event
from plein.jobs import enqueue


def emit(
    db: Session,
    kind: str,
    *,
    actor_id: int | None = None,
    content_id: int | None = None,
    space_id: int | None = None,
    addressed: Iterable[int | None] = (),
    details: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> bool:
    """Say that something happened. Nobody hears of it where the transaction rolls back.

    :param kind: the name of a declared :class:`~plein.contributions.NotificationType`.
    :param actor_id: who did it; they are not told of it themselves.
    :param content_id: the item it is about; who may not see it (any more) is not told.
    :param space_id: the space it is about, where it is not about an item.
    :param addressed: the people it is for, beside followers; ``None`` among them is passed over.
    :param details: what the type's sentence needs, and nothing secret; what JSON can hold.
    :param key: an event with a key that was used before is not written again.
    :return: whether it was written.
    """
    values = {
        "kind": kind,
        "actor_id": actor_id,
        "content_id": content_id,
        "space_id": space_id,
        "addressed": sorted({one for one in addressed if one is not None}),
        "details": json.loads(json.dumps(dict(details or {}), allow_nan=False)),
        "key": key,
        "created_at": utcnow(),
    }
    statement = _put(db.get_bind().dialect.name)
    number = db.execute(statement, values, execution_options={"dml_strategy": "raw"}).scalar_one_or_none()
    if number is None:
        return False
    enqueue(db, "inbox.deliver", {"event": number}, user_id=None)
    return True


@cache
def _put(dialect: str) -> Any:
    # Kept: making a statement takes longer than running it.
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(Event).on_conflict_do_nothing(index_elements=[Event.key]).returning(Event.id)
