"""Who is changing an item at this moment, so that people find each other before they get in each other's way.

Only who has the form open is noted, never who reads: that would be watching people. A row says "a moment ago", is
stale after a minute and then deleted. See ADR 0022.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.content.writing.models import Presence
from plein.db import utcnow
from plein.db.aside import aside
from plein.jobs import JobContext
from plein.people.models import User
from plein.people.standing import is_active

#: After so long somebody is taken to have left.
STALE = timedelta(seconds=60)
#: At most so many are named.
SHOWN = 8
#: Not worth waiting for.
_PATIENCE_MS = 50


def others(db: Session, item: Content, user_id: int | None) -> Sequence[Any]:
    """Who else has the form of *item* open: id, login and name, by name. One statement."""
    found = (
        select(User.id, User.login, User.name)
        .join(Presence, Presence.user_id == User.id)
        .where(
            Presence.content_id == item.id,
            Presence.seen_at > utcnow() - STALE,
            User.id != user_id,
            is_active(User),
        )
    )
    return db.execute(found.order_by(func.lower(User.name), User.id).limit(SHOWN)).all()


def is_here(engine: Engine, item_id: int, user_id: int) -> None:
    """Note that somebody has the form open. Quietly does nothing where the database is busy."""
    insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
    noted = insert(Presence).values(content_id=item_id, user_id=user_id, seen_at=utcnow())
    again = noted.on_conflict_do_update(
        index_elements=["user_id", "content_id"], set_={"seen_at": noted.excluded.seen_at}
    )
    _aside(engine, again)


def left(engine: Engine, item_id: int, user_id: int) -> None:
    """Somebody closed the form."""
    _aside(engine, delete(Presence).where(Presence.content_id == item_id, Presence.user_id == user_id))


def _aside(engine: Engine, statement: Any) -> None:
    try:
        with aside(engine, wait_ms=_PATIENCE_MS) as connection:
            connection.execute(statement)
    except OperationalError:
        return


def clean(context: JobContext) -> None:
    """The job ``writing.presence``: who left without saying so is forgotten."""
    with aside(context.site.engine) as connection:
        connection.execute(delete(Presence).where(Presence.seen_at < utcnow() - STALE))
