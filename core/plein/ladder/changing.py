"""Writing what was decided about a plugin, and reading it: the one place that changes where a plugin stands."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.ladder.models import Rollout, RolloutAudience, RolloutChoice
from plein.ladder.rungs import Stage
from plein.security.rights import bump


@dataclass(frozen=True, slots=True)
class Decision:
    """All that is decided about one plugin; see :class:`plein.ladder.models.Rollout` for what the words mean."""

    stage: Stage
    reach: str = ""
    group_ids: tuple[int, ...] = ()
    space_ids: tuple[int, ...] = ()
    purpose: str = ""
    owner_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    measure: str = ""
    target: int | None = None
    question: str = ""
    question_after: int = 7

    def as_json(self) -> dict[str, Any]:
        """It as a step keeps it: dates as ISO 8601."""
        days = {name: day.isoformat() if day else None for name, day in self._days().items()}
        return {**asdict(self), **days, "group_ids": sorted(self.group_ids), "space_ids": sorted(self.space_ids)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Decision":
        """What :meth:`as_json` wrote. Words that this version does not know are left out."""
        known = {name: kept[name] for name in cls.__slots__ if name in kept}
        found = cls(**known)
        days: Any = {name: date.fromisoformat(kept[name]) for name in found._days() if kept.get(name)}
        return replace(found, **days, group_ids=tuple(found.group_ids), space_ids=tuple(found.space_ids))

    def _days(self) -> dict[str, date | None]:
        return {"starts_on": self.starts_on, "ends_on": self.ends_on}


_COLUMNS = tuple(name for name in Decision.__slots__ if name not in ("group_ids", "space_ids"))


def decision(db: Session, plugin: str) -> Decision | None:
    """What is decided about *plugin*; ``None`` where nobody decided yet."""
    row = db.get(Rollout, plugin)
    if row is None:
        return None
    named = db.execute(
        select(RolloutAudience.group_id, RolloutAudience.space_id).where(RolloutAudience.plugin == plugin)
    ).all()
    return Decision(
        **{name: getattr(row, name) for name in _COLUMNS},
        group_ids=tuple(sorted(one.group_id for one in named if one.group_id is not None)),
        space_ids=tuple(sorted(one.space_id for one in named if one.space_id is not None)),
    )


def decide(db: Session, plugin: str, decided: Decision) -> None:
    """Put *plugin* where *decided* says. It holds from the next request on, in every process.

    Steps, reasons and rules about who may are ``plein.rollout``'s.
    """
    # Whoever else decides waits until this transaction ends.
    bump(db)
    row = db.get(Rollout, plugin)
    if row is None:
        row = Rollout(plugin=plugin)
        db.add(row)
    if row.stage != decided.stage:
        row.since = utcnow()
    for name in _COLUMNS:
        setattr(row, name, getattr(decided, name))
    db.execute(delete(RolloutAudience).where(RolloutAudience.plugin == plugin))
    db.add_all(RolloutAudience(plugin=plugin, group_id=number) for number in set(decided.group_ids))
    db.add_all(RolloutAudience(plugin=plugin, space_id=number) for number in set(decided.space_ids))
    db.flush()


def forget(db: Session, plugin: str) -> None:
    """Back to where nobody decided about *plugin*."""
    bump(db)
    for table in (RolloutAudience, Rollout):
        db.execute(delete(table).where(table.plugin == plugin))


def choose(db: Session, plugin: str, space_id: int, is_on: bool, *, user_id: int | None) -> None:
    """The managers of a space choose to have *plugin* there, or to do without it."""
    bump(db)
    row = db.get(RolloutChoice, (plugin, space_id))
    if row is None:
        row = RolloutChoice(plugin=plugin, space_id=space_id)
        db.add(row)
    row.is_on, row.user_id, row.chosen_at = is_on, user_id, utcnow()
    db.flush()
