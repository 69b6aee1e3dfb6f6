"""The jobs of the ladder: planned steps are taken on their day, each once."""

from sqlalchemy import select

from plein.db import utcnow
from plein.jobs.context import JobContext
from plein.ladder.models import RolloutStep
from plein.rollout.steps import StepService


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
