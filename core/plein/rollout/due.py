"""The jobs of the ladder: planned steps are taken on their day, and whoever answers for a pilot is told of its end."""

from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from plein.contributions import NotificationType
from plein.db import utcnow
from plein.events import emit
from plein.jobs.context import JobContext
from plein.ladder.models import Rollout, RolloutStep
from plein.mail.message import localizer
from plein.people.models import SiteRole, User
from plein.people.standing import is_active, today
from plein.plugins import Plugins
from plein.rollout.notifications import ENDS, OVER, RETIRED
from plein.rollout.permissions import CHANGE
from plein.rollout.steps import StepService
from plein.rollout.titles import about
from plein.security.rights import effective, read_changes

#: So many days before the end is the first reminder.
BEFORE = 7
#: After the end, one in as many days.
EVERY = 7


def take_due(context: JobContext) -> None:
    """The job ``rollout.due``: each planned step whose moment has come, oldest first, in a transaction of its own.

    However many processes do this at once, one of them takes a step: they wait for each other, and look again.
    """
    with context.session(writes=False) as db:
        due = select(RolloutStep.id).where(RolloutStep.state == "planned", RolloutStep.due_at <= utcnow())
        numbers = list(db.scalars(due.order_by(RolloutStep.due_at, RolloutStep.id)))
    for number in numbers:
        with context.session() as db:
            StepService(db, context.site.plugins, context.site.settings).apply(number)


def remind(context: JobContext) -> None:
    """The job ``rollout.remind``: a week before the end of a pilot, on its last day, and each week after.

    Nothing ends by itself. Each reminder goes out once, whatever day the job runs: its key says which one it is.
    """
    plugins, day = context.site.plugins, today(context.site.settings["plein.time_zone"])
    words = localizer(plugins, context.site.settings["plein.default_locale"])
    with context.session() as db:
        ending = db.scalars(
            select(Rollout).where(Rollout.stage.in_(("pilot", "retiring")), Rollout.ends_on.is_not(None))
        ).all()
        told = [(row, *found) for row in ending if (found := reminder(row.stage, row.ends_on, day))]
        deciding = deciders(db, plugins) if told else set()
        for row, kind, mark in told:
            emit(
                db,
                kind.name,
                addressed=addressed(row.owner_id, deciding),
                details={
                    "function": about(plugins, row.plugin, words.translate).title,
                    "days": (row.ends_on - day).days if row.ends_on else 0,
                    "path": f"/admin/functions/{row.plugin}",
                },
                key=f"rollout {row.plugin} {row.stage} {row.ends_on} {mark}",
            )


def reminder(stage: str, ends_on: date | None, day: date) -> tuple[NotificationType, str] | None:
    """What is to be said on *day* about something that ends on *ends_on*, and which reminder that is."""
    if ends_on is None:
        return None
    days = (ends_on - day).days
    if days > 0:
        return (ENDS, "before") if days <= BEFORE and stage == "pilot" else None
    return OVER if stage == "pilot" else RETIRED, f"week {-days // EVERY}"


def addressed(owner_id: int | None, deciding: set[int]) -> set[int]:
    """Whoever answers for it; and who can decide, where that is somebody else or nobody answers."""
    if owner_id is None or owner_id in deciding:
        return deciding if owner_id is None else {owner_id}
    return {*deciding, owner_id}


def deciders(db: Session, plugins: Plugins) -> set[int]:
    """The people who may decide who has which function. Two statements."""
    roles = effective(plugins.permissions[CHANGE], read_changes(db))
    held: list[Any] = [User.id.in_(select(SiteRole.user_id).where(SiteRole.role.in_(sorted(roles - {"everyone"}))))]
    if "admin" in roles:
        held.append(User.is_admin)
    return set(db.scalars(select(User.id).where(is_active(User), User.kind == "person", or_(*held))))
