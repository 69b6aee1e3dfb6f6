"""The job that makes notifications of an event, for a batch of people at a time.

How far it is stands in the event's own row and is stored together with each batch, under that row's lock. So nobody is
told twice, whatever dies halfway and however many processes do the same event at once.
"""

from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.db import db_unguarded, utcnow
from plein.events import Event
from plein.inbox import follows, recipients, schedule
from plein.inbox.models import Notification
from plein.jobs import JobContext
from plein.mail import can_send
from plein.spaces.models import Space

log = structlog.get_logger(__name__)

#: People in a batch, which is one transaction.
BATCH = 500


def deliver(context: JobContext, event: int) -> None:
    """The job ``inbox.deliver``: tell everybody whom the event with this number concerns."""
    while _deliver_batch(context, event):
        pass


def _deliver_batch(context: JobContext, number: int) -> bool:
    """Tell the next people; whether there may be more."""
    site = context.site
    with db_unguarded(site.engine, reason="inbox: who may hear of an event", writes=True) as db:
        about = _about(db, number, site.plugins.notifications)
        if about is None:
            return False
        event, now = about.event, utcnow()
        plan = schedule.Plan.load(db, site.settings)
        level = plan.space_level
        people = recipients.batch(db, about, event.reached_id, BATCH, space_level=level)
        told = [(one, why) for one in people if (why := recipients.reason_for(one, about, space_level=level))]
        ids = [one.user_id for one, _why in told]
        channels = plan.channels(db, about.type, ids)
        mails = plan.mail_moments(db, channels, now) if can_send(site.settings) else {}
        rows = [
            _row(about, one.user_id, why, mails.get(one.user_id) if one.email else None)
            for one, why in told
            if channels[one.user_id] != "off"
        ]
        _store(db, rows)
        if event.reached_id == 0:
            _remember_writer(db, about)
        if len(people) < BATCH:
            event.delivered_at = now
            return False
        event.reached_id = people[-1].user_id
        return True


def _about(db: Session, number: int, types: Any) -> recipients.About | None:
    """What there is to tell, with the event locked; ``None`` where it was told, or what it is about is gone."""
    event = db.scalar(select(Event).where(Event.id == number, Event.delivered_at.is_(None)).with_for_update())
    if event is None:
        return None
    kind = types.get(event.kind)
    item = db.get(Content, event.content_id) if event.content_id is not None else None
    space_id = item.space_id if item is not None else event.space_id
    space = db.get(Space, space_id) if space_id is not None else None
    is_gone = (event.content_id is not None and item is None) or (event.space_id is not None and space is None)
    if kind is None or is_gone:
        # The plugin that knew this kind is gone, or the item is.
        event.delivered_at = utcnow()
        return None
    return recipients.About(event, kind, item, space, follows.tags_of(db, item))


def _row(about: recipients.About, user_id: int, why: str, mail_at: datetime | None) -> dict[str, Any]:
    event, item = about.event, about.item
    collapses = bool(about.type.several) and item is not None
    return {
        "user_id": user_id,
        "kind": event.kind,
        "content_id": event.content_id,
        "space_id": about.space.id if about.space is not None else None,
        "actor_id": event.actor_id,
        "reason": why,
        "details": event.details,
        "group_key": f"{event.kind} {event.content_id}" if collapses else f"event {event.id}",
        "times": 1,
        "created_at": event.created_at,
        "mail_at": mail_at,
    }


def _store(db: Session, rows: list[dict[str, Any]]) -> None:
    """Write them down. What was unread already of the same item and kind counts one more, and is not mailed again."""
    if not rows:
        return
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement: Any = insert(Notification).values(rows)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=[Notification.user_id, Notification.group_key],
        index_where=Notification.read_at.is_(None),
        set_={
            "times": Notification.times + 1,
            "actor_id": new.actor_id,
            "reason": new.reason,
            "details": new.details,
            "created_at": new.created_at,
        },
    )
    db.execute(statement, execution_options={"synchronize_session": False})


def _remember_writer(db: Session, about: recipients.About) -> None:
    """Whoever changes something that is not theirs follows it from then on, unless they said otherwise."""
    event, item = about.event, about.item
    if item is None or event.actor_id is None or not event.kind.startswith("content."):
        return
    if event.kind == "content.saved" and event.actor_id not in (item.author_id, item.owner_id):
        row = {"user_id": event.actor_id, "kind": "item", "target_id": item.id, "level": "all", "cause": "wrote"}
        follows.put(db, [row], replace=False)
