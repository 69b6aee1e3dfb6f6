"""The daily job that forgets what was read long ago, and what follows something that is gone."""

from datetime import timedelta

from sqlalchemy import and_, delete, or_, select

from plein.content.models import Content
from plein.content.tag_models import Tag
from plein.db import db_unguarded, utcnow
from plein.events import Event
from plein.inbox.models import Follow, Notification
from plein.jobs import JobContext
from plein.people.models import User
from plein.spaces.models import Space

#: Nobody comes back to what they did not read for a year.
UNREAD_KEPT = timedelta(days=365)

_QUIETLY = {"synchronize_session": False}


def tidy(context: JobContext) -> None:
    """The job ``inbox.tidy``."""
    now, settings = utcnow(), context.site.settings
    read = now - timedelta(days=settings["plein.keep_notifications_days"])
    events = now - timedelta(days=settings["plein.keep_events_days"])
    with db_unguarded(context.site.engine, reason="inbox: forget what was read long ago", writes=True) as db:
        old = or_(Notification.read_at < read, Notification.created_at < now - UNREAD_KEPT)
        db.execute(delete(Notification).where(old), execution_options=_QUIETLY)
        db.execute(
            delete(Event).where(Event.delivered_at.is_not(None), Event.created_at < events), execution_options=_QUIETLY
        )
        gone = [
            and_(Follow.kind == kind, Follow.target_id.not_in(select(key)))
            for kind, key in (("item", Content.id), ("space", Space.id), ("tag", Tag.id), ("user", User.id))
        ]
        db.execute(delete(Follow).where(or_(*gone)), execution_options=_QUIETLY)
