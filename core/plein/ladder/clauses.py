"""The ladder in SQL: which rows belong to plugins that somebody has there. A part of the guard's own clauses."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, literal_column, or_, select

from plein.ladder.models import RolloutAudience, RolloutChoice
from plein.ladder.rungs import Shape
from plein.spaces.belonging import Who, groups_of, words

# Under names of their own, see ``spaces.belonging``.
_audience = RolloutAudience.__table__.alias("guard_rollout_audience")
_choice = RolloutChoice.__table__.alias("guard_rollout_choice")


@dataclass(frozen=True, slots=True)
class Shaped:
    """What clauses ask of a :class:`plein.ladder.Ladder`, for viewers that share theirs."""

    shape: Shape


def rolled_out(columns: Any, who: Who) -> Iterator[ColumnElement[bool]]:
    """The conditions that a row's plugin is there for *who*; none where everybody has everything.

    :param columns: ``type``, the name of a content type, and ``space_id``.
    """
    off = [name for _plugin, covers, types in who.ladder.shape if covers == "off" for name in types]
    if off:
        yield columns.type.not_in(words(*off))
    for plugin, covers, types in who.ladder.shape:
        if covers != "off":
            yield or_(columns.type.not_in(words(*types)), *_reaches(plugin, covers, columns.space_id, who))


def _reaches(plugin: str, covers: str, space_id: Any, who: Who) -> Iterator[ColumnElement[bool]]:
    """The ways in which somebody has, in a space, a plugin that is not there for all."""
    (name,) = words(plugin)
    if covers == "pilot":
        of_pilot = _audience.c.plugin == name
        yield space_id.in_(select(_audience.c.space_id).where(of_pilot, _audience.c.space_id.is_not(None)))
        groups = _groups_of(who)
        if groups is not None:
            yield exists(select(literal_column("1")).where(of_pilot, _audience.c.group_id.in_(groups)))
        return
    chose = select(_choice.c.space_id).where(_choice.c.plugin == name)
    if covers == "opt_in":
        yield space_id.in_(chose.where(_choice.c.is_on))
    else:
        yield space_id.not_in(chose.where(_choice.c.is_on.is_(False)))


def _groups_of(who: Who) -> Any:
    if who.view_as is not None:
        return None if who.view_as.role is not None else who.view_as.group_ids
    return groups_of(who)
