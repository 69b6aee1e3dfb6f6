"""The board: every installed function with where it stands, who has it, and what waits for a decision about it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from plein.ladder import Rung
from plein.ladder.changing import Decision
from plein.ladder.keeping import read_rungs
from plein.ladder.models import Rollout, RolloutAnswer, RolloutStep
from plein.people.models import User
from plein.people.standing import today
from plein.plugins import Plugins
from plein.rollout.describing import who_has
from plein.rollout.names import names_of
from plein.rollout.titles import About, Translate, about
from plein.rollout.words import STAGE_KINDS, STAGE_NAMES, kept
from plein.settings import Settings
from plein.web.i18n import _


@dataclass(frozen=True, slots=True)
class Waits:
    """Something to decide or to know about a function.

    :param asks: it asks for a decision; otherwise it only tells.
    :param planned_id: the planned step that it is about.
    """

    asks: bool
    sentence: Any
    planned_id: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One function. ``since`` and ``owner`` are empty where nobody decided or answers for it."""

    name: str
    about: About
    rung: Rung
    who: Any
    since: datetime | None = None
    ends_on: date | None = None
    owner: Any = None
    brings: tuple[Any, ...] = ()
    waits: tuple[Waits, ...] = field(default=())

    @property
    def asks(self) -> bool:
        return any(one.asks for one in self.waits)

    @property
    def stage_name(self) -> Any:
        return STAGE_NAMES[self.rung.stage]

    @property
    def stage_kind(self) -> str:
        return STAGE_KINDS[self.rung.stage]


#: The order of what asks for nothing: what moves first.
_ORDER = ("pilot", "retiring", "opt_in", "on", "required", "off")


def board(db: Session, plugins: Plugins, settings: Settings, translate: Translate = str) -> list[Row]:
    """Every installed function, what asks for a decision first. Nine statements, however many there are."""
    rungs = read_rungs(db, plugins, settings["plein.new_plugins"])
    decided = {
        row.Rollout.plugin: row
        for row in db.execute(
            select(Rollout, User.login, User.name, User.id.label("user_id")).outerjoin(
                User, User.id == Rollout.owner_id
            )
        )
    }
    steps = _steps(db)
    answers = _answers(db)
    named = [Decision("pilot", group_ids=tuple(r.group_ids), space_ids=tuple(r.space_ids)) for r in rungs.values()]
    names, day = names_of(db, named), today(settings["plein.time_zone"])
    rows = []
    for name, rung in rungs.items():
        row = decided.get(name)
        rollout = row.Rollout if row is not None else None
        rows.append(
            Row(
                name,
                about(plugins, name, translate),
                rung,
                who_has(rung, names),
                rollout.since if rollout else None,
                rollout.ends_on if rollout else None,
                row if row is not None and row.user_id is not None else None,
                tuple(kind.plural for kind in plugins.content_types.values() if kind.name.startswith(f"{name}.")),
                tuple(_waits(rollout, steps[name], answers.get(name, 0), day)),
            )
        )
    return sorted(rows, key=lambda one: (not one.asks, _ORDER.index(one.rung.stage), one.about.title.casefold()))


def waits_of(db: Session, plugins: Plugins, settings: Settings, plugin: str) -> tuple[Waits, ...]:
    """What waits about one function. Three statements."""
    rollout, day = db.get(Rollout, plugin), today(settings["plein.time_zone"])
    return tuple(_waits(rollout, _steps(db)[plugin], _answers(db).get(plugin, 0), day))


def undecided(db: Session, plugins: Plugins) -> list[str]:
    """The installed functions that nobody decided about. One statement."""
    decided = set(db.scalars(select(Rollout.plugin)))
    return [info.name for info in plugins.plugins if info.name not in decided]


def over(db: Session, settings: Mapping[str, Any]) -> list[str]:
    """Functions whose pilot, or whose time to be read, is over. One statement."""
    day = today(settings["plein.time_zone"])
    ended = select(Rollout.plugin).where(Rollout.stage.in_(("pilot", "retiring")), Rollout.ends_on < day)
    return list(db.scalars(ended.order_by(Rollout.plugin)))


def failed(db: Session) -> list[str]:
    """Functions with a planned step that could not be taken, after which nothing was decided. One statement."""
    return sorted(name for name, steps in _steps(db).items() if any(step.state == "failed" for step in steps))


def _steps(db: Session) -> dict[str, list[Any]]:
    """What is planned, and what failed after the last step that was taken, of each function."""
    done = (
        select(RolloutStep.plugin, func.max(RolloutStep.done_at).label("at"))
        .where(RolloutStep.state.in_(("done", "undone", "cancelled")))
        .group_by(RolloutStep.plugin)
        .subquery()
    )
    rows = db.execute(
        select(
            RolloutStep.id,
            RolloutStep.plugin,
            RolloutStep.state,
            RolloutStep.after,
            RolloutStep.problem,
            RolloutStep.due_at,
        )
        .outerjoin(done, done.c.plugin == RolloutStep.plugin)
        .where(
            (RolloutStep.state == "planned")
            | and_(RolloutStep.state == "failed", func.coalesce(RolloutStep.done_at > done.c.at, True))
        )
        .order_by(RolloutStep.due_at, RolloutStep.id)
    )
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.plugin].append(row)
    return found


def _answers(db: Session) -> dict[str, int]:
    """How many people answered the question of each pilot that runs."""
    rows = db.execute(
        select(RolloutAnswer.plugin, func.count(RolloutAnswer.id))
        .join(Rollout, and_(Rollout.plugin == RolloutAnswer.plugin, Rollout.since == RolloutAnswer.asked_since))
        .where(Rollout.stage == "pilot", RolloutAnswer.grade.is_not(None))
        .group_by(RolloutAnswer.plugin)
    )
    return {plugin: int(number) for plugin, number in rows}


def _waits(rollout: Rollout | None, steps: list[Any], answers: int, day: date) -> list[Waits]:
    found = []
    if rollout is None:
        found.append(Waits(True, _("Nobody decided about it yet.")))
    elif rollout.ends_on is not None and rollout.ends_on < day:
        over = {"day": rollout.ends_on}
        if rollout.stage == "pilot":
            found.append(Waits(True, _("The pilot ended on ${day}: decide how it goes on.", mapping=over)))
        elif rollout.stage == "retiring":
            found.append(Waits(True, _("It was to be read until ${day}: switch it off.", mapping=over)))
    for step in steps:
        stage = STAGE_NAMES[step.after["stage"]] if step.after else ""
        if step.state == "failed":
            found.append(Waits(True, kept(step.problem)))
        else:
            planned = {"stage": stage, "day": step.due_at}
            found.append(Waits(False, _("Planned: “${stage}” from ${day}.", mapping=planned), step.id))
    if answers:
        found.append(Waits(False, _("Answers to the question: ${count}.", mapping={"count": answers})))
    return found
