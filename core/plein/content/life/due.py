"""What happens to items by itself: those that are due appear, those that ended go to the archive, old trash goes.

Each item has a transaction of its own, in which it is locked and looked at again. So two workers do nothing twice, a
process that dies loses nothing but the item in hand, which the next minute finds again, and one item that fails keeps
no other waiting. A clock that jumps does no harm either: what was done shows in the item, not in a moment.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from plein.audit import ORIGIN
from plein.content.life.service import LifeRefused, LifeService
from plein.content.models import Content, Transition
from plein.content.services import ContentService
from plein.contributions import Job
from plein.db import db_unguarded, utcnow
from plein.jobs import JobContext
from plein.security.viewer import ANONYMOUS, Viewer
from plein.spaces.models import Space
from plein.web.i18n import _
from plein.web.markup import MarkupLimits

log = structlog.get_logger(__name__)

#: How many are looked up at once.
BATCH = 200

Step = Callable[[Session, JobContext, Content], None]


def run_due(context: JobContext) -> None:
    """The job ``life.due``: publish what is scheduled for now or earlier, and archive what ended."""
    now = utcnow()
    _each(context, and_(Content.state == "scheduled", Content.publish_at <= now), _publish)
    _each(context, and_(Content.state == "published", Content.expires_at <= now), _archive)


def run_purge(context: JobContext) -> None:
    """The job ``life.purge``: delete for good what lies in the trash longer than ``plein.trash_days``."""
    days = int(context.site.settings["plein.trash_days"])
    if days:
        cutoff = utcnow() - timedelta(days=days)
        _each(context, and_(Content.state == "trashed", Content.trashed_at < cutoff), _purge)


JOBS = (
    Job("life.due", run_due, _("Publish what is planned, and archive what ended"), every=timedelta(minutes=1)),
    Job("life.purge", run_purge, _("Delete what lies in the deleted items too long"), every=timedelta(days=1)),
)


def kept_until(trashed_at: datetime | None, days: int) -> datetime | None:
    """Until when something in the trash can be put back; ``None`` for always."""
    return trashed_at + timedelta(days=days) if days and trashed_at is not None else None


# -- one after another ---------------------------------------------------------------------------------------------


def _each(context: JobContext, condition: ColumnElement[bool], step: Step) -> None:
    """Do *step* with each item that fulfils *condition*.

    What somebody has in hand, another worker or the search index, is passed over at first and waited for in the end.
    """
    held = [number for number in _found(context, condition) if not _one(context, condition, step, number)]
    for number in held:
        _one(context, condition, step, number, waits=True)


def _one(context: JobContext, condition: ColumnElement[bool], step: Step, number: int, *, waits: bool = False) -> bool:
    """Do *step* with an item, where it still fulfils *condition*. Says whether it did, or tried to and failed."""
    try:
        with db_unguarded(context.site.engine, reason="the life of items goes on by itself", writes=True) as db:
            db.info[ORIGIN] = "job"
            wanted = select(Content).where(Content.id == number, condition)
            # Rows that refer to the item may be written meanwhile.
            item = db.scalar(wanted.with_for_update(of=Content, key_share=True, skip_locked=not waits))
            if item is not None:
                step(db, context, item)
            return item is not None
    except Exception:
        log.exception("life.failed", content=number, step=step.__name__.strip("_"))
        return True


def _found(context: JobContext, condition: ColumnElement[bool]) -> Iterator[int]:
    """The numbers of the items that fulfil *condition*, a batch at a time, each once."""
    after = 0
    while True:
        with db_unguarded(context.site.engine, reason="items are found that are due") as db:
            found = db.scalars(
                select(Content.id)
                .join(Space, Space.id == Content.space_id)
                .where(
                    condition,
                    Content.id > after,
                    # Of a plugin that is not installed nobody knows what belongs to it, of one that is off nobody
                    # reads it; an archived space is only read.
                    Content.type.in_(list(context.site.plugins.awake().content_types)),
                    Space.archived_at.is_(None),
                )
                .order_by(Content.id)
                .limit(BATCH)
            ).all()
        yield from found
        if len(found) < BATCH:
            return
        after = found[-1]


def _life(db: Session, context: JobContext, item: Content, viewer: Viewer) -> LifeService:
    content_type = context.site.plugins.content_types[item.type]
    service_class: Any = content_type.service or ContentService
    return LifeService(
        service_class(
            db=db,
            viewer=viewer,
            type=content_type,
            plugins=context.site.plugins,
            limits=MarkupLimits(max_kb=context.site.settings["plein.max_markdown_kb"]),
            # Whoever planned it was allowed to, and what needs approval was approved before it was planned.
            approved=True,
            unlocks=True,
        )
    )


def _publish(db: Session, context: JobContext, item: Content) -> None:
    """By whoever planned it: their name stands over it, and followers hear who wrote it."""
    planner = db.scalar(
        select(Transition.actor_id)
        .where(Transition.content_id == item.id, Transition.action == "scheduled")
        .order_by(Transition.id.desc())
        .limit(1)
    )
    viewer = Viewer(user_id=planner or item.author_id, kind="person")
    _life(db, context, item, viewer).publish(item)


def _archive(db: Session, context: JobContext, item: Content) -> None:
    _life(db, context, item, ANONYMOUS).archive(item)


def _purge(db: Session, context: JobContext, item: Content) -> None:
    try:
        _life(db, context, item, ANONYMOUS).purge(item)
    except LifeRefused:
        # Put back between finding and locking.
        return
