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
        if covers != "off" and types:
            yield or_(columns.type.not_in(words(*types)), *_reaches(plugin, covers, columns.space_id, who))


def told_of(kind: Any, space_id: Any, who: Who) -> Iterator[ColumnElement[bool]]:
    """The conditions that a kind of notification is of a plugin that is there for *who*.

    :param kind: its name, which begins with the plugin's.
    :param space_id: of the space that it is about; may be empty.
    """
    for plugin, covers, _types in who.ladder.shape:
        other = kind.not_like(literal_column(f"'{plugin}.%'"))
        if covers == "off":
            yield other
        elif covers == "on":
            yield or_(other, space_id.is_(None), *_reaches(plugin, covers, space_id, who))
        else:
            yield or_(other, *_reaches(plugin, covers, space_id, who))


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
