"""Telling of a change of an item: in its transaction whoever takes part, and afterwards, in a job, whoever reacts."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.contributions import ContentChange, Job
from plein.jobs import JobContext, enqueue
from plein.plugins import Plugins
from plein.web.i18n import _

#: What is not told of afterwards: what is gone by then, and what changes no word.
_NOT_AFTERWARDS = ("deleted", "rendered")


def tell(plugins: Plugins, db: Session, change: ContentChange) -> None:
    """Call ``on_content_changed``, and have ``after_content_changed`` called when *db* has committed."""
    plugins.call("on_content_changed", db=db, change=change)
    if change.action in _NOT_AFTERWARDS or not plugins.adds_to("after_content_changed"):
        return
    item = change.item
    told = {
        "item": item.id,
        "action": change.action,
        "reason": change.reason,
        "minor": change.minor,
        "before": json.loads(json.dumps(dict(change.before), default=str)),
    }
    # What happens by itself is seen by whoever looks after the item.
    enqueue(db, AFTER.name, told, user_id=change.actor.user_id or item.owner_id or item.author_id)


def react(context: JobContext, item: int, action: Any, reason: str, minor: bool, before: dict[str, Any]) -> None:
    """The job: have plugins react, each in a savepoint. An item that is gone, or hidden from who did it, is no news."""
    viewer = context.viewer()
    if viewer is None:
        return
    with context.session(viewer) as db:
        found = db.scalar(select(Content).where(Content.id == item))
        if found is not None:
            change = ContentChange(found, action, viewer, reason=reason, minor=minor, before=before)
            context.site.plugins.call("after_content_changed", db=db, change=change)


AFTER = Job("content.after", react, _("Have plugins react to a change"))
