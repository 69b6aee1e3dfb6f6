"""What was decided about a function: each step with who, when, why, and what it changed in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.ladder.changing import Decision
from plein.ladder.models import RolloutStep
from plein.people.models import User
from plein.rollout.describing import Changed, changes
from plein.rollout.names import names_of
from plein.rollout.steps import ChangedSince
from plein.rollout.words import FIELD_NAMES, kept
from plein.web.i18n import _

PAGE = 20

STATE_NAMES = {
    "planned": _("Planned"),
    "done": _("Done"),
    "undone": _("Undone"),
    "cancelled": _("Called off"),
    "failed": _("Failed"),
}

STATE_KINDS = {"planned": "warning", "done": "", "undone": "closed", "cancelled": "closed", "failed": "error"}


@dataclass(frozen=True, slots=True)
class Told:
    """A step as people read it.

    :param who: login and name of who took it; ``None`` for the command line and for who left.
    :param problem: why it failed; ``None`` for all others.
    """

    id: int
    state: str
    who: Any
    at: datetime
    due_at: datetime | None
    reason: str
    changes: list[Changed]
    problem: Any
    undoes_id: int | None

    @property
    def state_name(self) -> Any:
        return STATE_NAMES[self.state]

    @property
    def state_kind(self) -> str:
        return STATE_KINDS[self.state]


@dataclass(frozen=True, slots=True)
class Page:
    """Part of the history; ``next`` is the step to go on before."""

    steps: list[Told]
    next: int | None


def page(db: Session, plugin: str, *, before: int | None = None, size: int = PAGE) -> Page:
    """The steps of *plugin*, newest first. At most four statements."""
    rows = (
        select(RolloutStep, User.id.label("user_id"), User.login, User.name)
        .outerjoin(User, User.id == RolloutStep.user_id)
        .where(RolloutStep.plugin == plugin)
        .order_by(RolloutStep.id.desc())
    )
    if before is not None:
        rows = rows.where(RolloutStep.id < before)
    found = db.execute(rows.limit(size + 1)).all()
    shown = found[:size]
    pairs = [(_read(row.RolloutStep.before), _read(row.RolloutStep.after)) for row in shown]
    names = names_of(db, [one for pair in pairs for one in pair if one is not None])
    steps = [
        Told(
            step.id,
            step.state,
            row if row.user_id is not None else None,
            step.done_at or step.created_at,
            step.due_at,
            step.reason,
            changes(*pair, names),
            kept(step.problem),
            step.undoes_id,
        )
        for row, pair in zip(shown, pairs, strict=True)
        for step in [row.RolloutStep]
    ]
    return Page(steps, shown[-1].RolloutStep.id if len(found) > size else None)


def _read(kept_json: dict[str, Any]) -> Decision | None:
    return Decision.from_json(kept_json) if kept_json else None


def is_of(db: Session, number: int, plugin: str) -> bool:
    """Whether there is a step of that number about *plugin*."""
    return db.scalar(select(RolloutStep.id).where(RolloutStep.id == number, RolloutStep.plugin == plugin)) is not None


def fields_in_words(error: Exception) -> list[Any]:
    """What was changed again since, where that is why a step cannot be taken back."""
    return [FIELD_NAMES[name] for name in error.fields] if isinstance(error, ChangedSince) else []
