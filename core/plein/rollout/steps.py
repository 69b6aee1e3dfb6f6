"""Taking steps on the ladder, planning, undoing and cancelling them. Every step is a row with who, when and why."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.db import utcnow
from plein.db.session import VIEWER
from plein.ladder.changing import Decision, decide, decision, forget
from plein.ladder.keeping import defaults
from plein.ladder.models import RolloutStep
from plein.people.models import Group, User
from plein.people.standing import is_active, today
from plein.plugins import Plugins
from plein.plugins.errors import did_you_mean
from plein.rollout.rules import RolloutError, Stale, check_way_in, problems
from plein.rollout.words import keep
from plein.security.rights import bump
from plein.settings import Settings
from plein.spaces.belonging import still_there
from plein.web.i18n import _

#: Every word of a decision, in the order in which people read it.
FIELDS = tuple(Decision.__slots__)
#: What goes with a stage rather than being decided for itself: it never stands in the way of undoing.
_BESIDE = frozenset({"starts_on"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a plugin stands, for whoever is about to change that.

    :param decided: ``None`` where nobody decided.
    :param now: the same, or what holds where nobody decided.
    :param seen: the number of its last step: a form sends it back, so that nobody overwrites what they did not see.
    """

    decided: Decision | None
    now: Decision
    seen: int


class StepService:
    """The rules of steps. Never commits; who may decide the views' permission says.

    :param db: a session that writes; its viewer is who decides, none for the command line and for jobs.
    """

    def __init__(self, db: Session, plugins: Plugins, settings: Settings) -> None:
        self.db = db
        self.plugins = plugins
        self.settings = settings
        self.today = today(settings["plein.time_zone"])

    @property
    def _user_id(self) -> int | None:
        return getattr(self.db.info.get(VIEWER), "user_id", None)

    def standing(self, plugin: str) -> Standing:
        """Where *plugin* stands.

        :raises RolloutError: where it is not installed.
        """
        stages = defaults(self.plugins, self.settings["plein.new_plugins"])
        if plugin not in stages:
            names = {"name": plugin, "hint": did_you_mean(plugin, sorted(stages)) if stages else "…"}
            raise RolloutError(_("There is no function ${name}: ${hint}", mapping=names))
        decided = decision(self.db, plugin)
        now = decided if decided is not None else Decision(stages[plugin])
        last = select(func.max(RolloutStep.id)).where(RolloutStep.plugin == plugin)
        return Standing(decided, now, self.db.scalar(last) or 0)

    # -- taking and planning ----------------------------------------------------------------------------------------

    def errors(self, plugin: str, wanted: Decision) -> dict[str, Any]:
        """What is wrong with *wanted*: a sentence for each field."""
        standing = self.standing(plugin)
        found: dict[str, Any] = {}
        wanted = self._completed(standing, wanted)
        for problem in problems(self.plugins, plugin, standing.now, wanted, self.today):
            found.setdefault(problem.field, problem.sentence)
        try:
            check_way_in(self.db, self.plugins, self.settings, plugin, wanted)
        except RolloutError as error:
            found.setdefault(error.field, error.sentence)
        return found

    def completed(self, plugin: str, wanted: Decision) -> Decision:
        """*wanted* as a step would store it."""
        return self._completed(self.standing(plugin), wanted)

    def take(self, plugin: str, wanted: Decision, reason: str = "", *, seen: int | None = None) -> RolloutStep | None:
        """Put *plugin* where *wanted* says, today or on the day that it names as its start.

        :param seen: the last step that whoever decides knew of; ``None`` does not ask.
        :return: the step, done or planned; ``None`` where nothing changes.
        :raises Stale: where somebody else decided meanwhile.
        :raises RolloutError: for a step that breaks a rule.
        """
        standing = self._locked(plugin, seen)
        wanted = self._completed(standing, wanted)
        if standing.decided == wanted:
            return None
        self._check(plugin, standing, wanted)
        if wanted.starts_on is not None and wanted.starts_on > self.today:
            return self._plan(plugin, standing, wanted, reason)
        step = self._write(plugin, standing, wanted, reason)
        record(self.db, "rollout.taken", "plugin", plugin, step=step.id, before=standing.now.stage, after=wanted.stage)
        return step

    def _plan(self, plugin: str, standing: Standing, wanted: Decision, reason: str) -> RolloutStep | None:
        due = _midnight(wanted.starts_on, self.settings["plein.time_zone"])
        same = select(RolloutStep).where(
            RolloutStep.plugin == plugin, RolloutStep.state == "planned", RolloutStep.due_at == due
        )
        if any(Decision.from_json(step.after) == wanted for step in self.db.scalars(same)):
            return None
        step = self._row(plugin, standing.decided, wanted, reason)
        step.state, step.due_at = "planned", due
        self.db.flush()
        record(self.db, "rollout.planned", "plugin", plugin, step=step.id, after=wanted.stage, on=str(wanted.starts_on))
        return step

    def cancel(self, number: int) -> RolloutStep | None:
        """Call off a planned step; ``None`` where it does not wait any more."""
        bump(self.db)
        step = self._step(number)
        if step is None or step.state != "planned":
            return None
        step.state, step.done_at = "cancelled", utcnow()
        self.db.flush()
        record(self.db, "rollout.cancelled", "plugin", step.plugin, step=step.id)
        return step

    def apply(self, number: int) -> RolloutStep | None:
        """Take a planned step whose moment has come; ``None`` where another process did, or it was called off.

        One that cannot be taken any more is kept as failed, with why.
        """
        bump(self.db)
        step = self._step(number)
        if step is None or step.state != "planned" or step.due_at is None or step.due_at > utcnow():
            return None
        try:
            standing = self.standing(step.plugin)
            wanted = self._living(self._as_planned(step, standing))
            self._check(step.plugin, standing, wanted, typed=False)
        except RolloutError as error:
            step.state, step.problem, step.done_at = "failed", keep(error.sentence), utcnow()
            self.db.flush()
            record(self.db, "rollout.taken", "plugin", step.plugin, result="failed", step=step.id)
            return step
        decide(self.db, step.plugin, wanted)
        step.before, step.after = _as_json(standing.decided), wanted.as_json()
        step.state, step.done_at = "done", utcnow()
        self.db.flush()
        after = {"before": standing.now.stage, "after": wanted.stage}
        record(self.db, "rollout.taken", "plugin", step.plugin, step=step.id, actor_id=step.user_id, **after)
        return step

    def _as_planned(self, step: RolloutStep, standing: Standing) -> Decision:
        """What was planned, on top of what was decided since about something else."""
        planned = Decision.from_json(step.after)
        fields = changed_fields(self._default(step, step.before), planned)
        for newer in self._done_since(step):
            if fields & changed_fields(self._default(step, newer.before), self._default(step, newer.after)) - _BESIDE:
                raise RolloutError(_("Something else was decided after this was planned. Plan it anew."))
        values = {name: getattr(planned, name) for name in fields}
        return self._completed(standing, replace(standing.now, **values))

    # -- undoing ----------------------------------------------------------------------------------------------------

    def undo(self, number: int, reason: str = "") -> RolloutStep:
        """Take back what a done step changed, as a step of its own.

        :raises RolloutError: where it cannot be: what it changed was changed again since, or a rule forbids it by now.
        """
        known = self._step(number)
        if known is None:
            raise RolloutError(_("There is no such step."))
        standing = self._locked(known.plugin, None)
        step = self._step(number)
        if step is None or step.state != "done":
            raise RolloutError(_("This step is not in force, so there is nothing to take back."))
        was, became = self._default(step, step.before), self._default(step, step.after)
        fields = changed_fields(was, became)
        again = [name for name in FIELDS if name in fields and not _equal(standing.now, became, name)]
        if any(name not in _BESIDE for name in again):
            raise ChangedSince(again)
        if not step.before and standing.decided == became:
            return self._forget(step, reason)
        wanted = replace(standing.now, **{name: getattr(was, name) for name in fields})
        living = self._living(wanted)
        self._check(step.plugin, standing, living, typed=False)
        return self._undone(step, self._write(step.plugin, standing, living, reason))

    def _forget(self, step: RolloutStep, reason: str) -> RolloutStep:
        forget(self.db, step.plugin)
        undone = self._row(step.plugin, Decision.from_json(step.after), None, reason)
        return self._undone(step, undone)

    def _undone(self, step: RolloutStep, by: RolloutStep) -> RolloutStep:
        step.state, by.undoes_id, by.state = "undone", step.id, "done"
        by.done_at = utcnow()
        self.db.flush()
        record(self.db, "rollout.undone", "plugin", step.plugin, step=by.id, undoes=step.id)
        return by

    # -- parts ------------------------------------------------------------------------------------------------------

    def _locked(self, plugin: str, seen: int | None) -> Standing:
        # Whoever else decides waits until this transaction ends; so what is read now stays true.
        bump(self.db)
        standing = self.standing(plugin)
        if seen is not None and standing.seen != seen:
            raise Stale(_("Somebody else decided about this meanwhile. See below how it stands now, and decide again."))
        return standing

    def _check(self, plugin: str, standing: Standing, wanted: Decision, *, typed: bool = True) -> None:
        for problem in problems(self.plugins, plugin, standing.now, wanted, self.today if typed else None):
            raise problem
        check_way_in(self.db, self.plugins, self.settings, plugin, wanted)
        if wanted.owner_id is not None and wanted.owner_id != standing.now.owner_id:
            works = select(User.id).where(User.id == wanted.owner_id, User.kind == "person", is_active(User))
            if self.db.scalar(works) is None:
                raise RolloutError(_("Choose a colleague whose account works."), "owner")

    def _completed(self, standing: Standing, wanted: Decision) -> Decision:
        """*wanted* with what follows from where the plugin stands: who reads what is retired, and since when."""
        reach: Any = ""
        if wanted.stage == "retiring":
            reach = standing.now.reach if standing.now.stage == "retiring" else standing.now.stage
        start = wanted.starts_on
        if start is None:
            # The day on which a stage began stays, whatever else changes.
            is_same = standing.decided is not None and wanted.stage == standing.now.stage
            start = standing.now.starts_on if is_same else self.today
        groups, spaces = (tuple(sorted(set(ids))) for ids in (wanted.group_ids, wanted.space_ids))
        return replace(wanted, reach=reach, starts_on=start, group_ids=groups, space_ids=spaces)

    def _living(self, wanted: Decision) -> Decision:
        """*wanted* without groups, spaces and people that are gone."""
        groups = self.db.scalars(select(Group.id).where(Group.id.in_(wanted.group_ids)))
        owner = self.db.scalar(select(User.id).where(User.id == wanted.owner_id, is_active(User)))
        return replace(
            wanted,
            group_ids=tuple(sorted(groups)),
            space_ids=tuple(sorted(self.db.scalars(still_there(wanted.space_ids)))),
            owner_id=owner,
        )

    def _write(self, plugin: str, standing: Standing, wanted: Decision, reason: str) -> RolloutStep:
        decide(self.db, plugin, wanted)
        step = self._row(plugin, standing.decided, wanted, reason)
        step.done_at = utcnow()
        self.db.flush()
        return step

    def _row(self, plugin: str, before: Decision | None, after: Decision | None, reason: str) -> RolloutStep:
        step = RolloutStep(plugin=plugin, before=_as_json(before), after=_as_json(after), reason=reason)
        step.user_id = self._user_id
        self.db.add(step)
        self.db.flush()
        return step

    def _step(self, number: int) -> RolloutStep | None:
        return self.db.scalar(
            select(RolloutStep).where(RolloutStep.id == number).execution_options(populate_existing=True)
        )

    def _done_since(self, step: RolloutStep) -> Iterator[RolloutStep]:
        """Steps in force that were taken after *step* was planned; not those that only undo one another."""
        newer = select(RolloutStep).where(
            RolloutStep.plugin == step.plugin, RolloutStep.id > step.id, RolloutStep.state == "done"
        )
        for one in self.db.scalars(newer):
            if one.undoes_id is None or one.undoes_id < step.id:
                yield one

    def _default(self, step: RolloutStep, kept: dict[str, Any]) -> Decision:
        """What *kept* says; where nobody had decided, what held then."""
        if kept:
            return Decision.from_json(kept)
        stages = defaults(self.plugins, self.settings["plein.new_plugins"])
        return Decision(stages.get(step.plugin, "off"))


class ChangedSince(RolloutError):
    """What a step changed was changed again after it; ``fields`` says what."""

    def __init__(self, fields: Collection[str]) -> None:
        super().__init__(_("This was changed again since, so it cannot be taken back any more. Take a new step."))
        self.fields = tuple(fields)


def changed_fields(before: Decision, after: Decision) -> frozenset[str]:
    """The words of a decision that differ."""
    return frozenset(name for name in FIELDS if not _equal(before, after, name))


def _equal(one: Decision, other: Decision, name: str) -> bool:
    left, right = getattr(one, name), getattr(other, name)
    return set(left) == set(right) if name in ("group_ids", "space_ids") else bool(left == right)


def _as_json(decided: Decision | None) -> dict[str, Any]:
    return {} if decided is None else decided.as_json()


def _midnight(day: date | None, zone: str) -> datetime | None:
    """When *day* begins in that time zone."""
    return None if day is None else datetime.combine(day, time(), ZoneInfo(zone))
