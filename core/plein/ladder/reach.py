"""What one viewer has: the answers of the ladder for a person, in a space or outside of all."""

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.ladder.models import RolloutAudience, RolloutChoice
from plein.ladder.rungs import Ladder, Rung
from plein.security.viewer import Viewer
from plein.spaces.belonging import seen_as, spaces_of, who_is


class Reach:
    """Which plugins *viewer* has. A word that is no plugin's is the core's, and everybody has that.

    :param db: gives a session, asked only for what is tried in spaces, and then once.
    """

    def __init__(self, viewer: Viewer, db: Callable[[], Session]) -> None:
        self.viewer = viewer
        self._db = db
        self._ladder: Ladder | None = viewer.ladder

    def has(self, plugin: str, space_id: int | None = None) -> bool:
        """Whether the viewer has *plugin* in this space; without one, on pages that are outside of spaces.

        Outside of spaces somebody has what their groups try, and what a space has that they are a member of.
        """
        rung = self._limited(plugin)
        if rung is None:
            return True
        if space_id is not None:
            return rung.has(self.group_ids, space_id)
        return self._has_outside(plugin, rung)

    def somewhere(self, plugin: str) -> bool:
        """Whether the viewer has *plugin* anywhere: in a space that they may walk into, say. Asks no statement."""
        rung = self._limited(plugin)
        return rung is None or rung.covers == "on" or bool(rung.spaces) or self._by_group(rung)

    def is_retiring(self, plugin: str) -> bool:
        """Whether *plugin* is there for reading only."""
        rung = self._ladder.rung(plugin) if self._ladder is not None else None
        return rung is not None and rung.is_retiring

    @cached_property
    def missing(self) -> frozenset[str]:
        """The plugins that the viewer has nowhere."""
        if self._ladder is None or self._ladder.is_open:
            return frozenset()
        return frozenset(name for name in self._ladder.rungs if not self.somewhere(name))

    @property
    def key(self) -> Hashable:
        """What its answers without a statement depend on."""
        return (self._ladder, self.group_ids)

    def _limited(self, plugin: str) -> Rung | None:
        """Where *plugin* stands; ``None`` where nobody misses it."""
        if self._ladder is None or self._ladder.is_open:
            return None
        rung = self._ladder.rung(plugin)
        return None if rung is None or rung.is_everywhere else rung

    @cached_property
    def group_ids(self) -> frozenset[int]:
        """The groups that count."""
        # Whoever looks as a group has what both have; a role is in no group.
        looks = self.viewer.view_as
        return self.viewer.group_ids if looks is None else self.viewer.group_ids & frozenset(looks.group_ids)

    def _by_group(self, rung: Rung) -> bool:
        return rung.covers == "pilot" and not rung.group_ids.isdisjoint(self.group_ids)

    def _has_outside(self, plugin: str, rung: Rung) -> bool:
        if rung.covers == "on":
            return True
        return self._by_group(rung) or (bool(rung.spaces) and (rung.covers, plugin) in self._in_my_spaces)

    @cached_property
    def _in_my_spaces(self) -> frozenset[tuple[str, str]]:
        """The plugins that spaces have which the viewer is a member of, each with the stage by which. One statement."""
        if not self.viewer.is_signed_in:
            return frozenset()
        looks = self.viewer.view_as
        mine: Any = spaces_of(who_is(self.viewer, utcnow()) if looks is None else seen_as(looks, self._ladder))
        # The rows of an earlier stage are kept: only those of the present one count.
        tries = select(literal("pilot"), RolloutAudience.plugin).where(RolloutAudience.space_id.in_(mine))
        chose = select(literal("opt_in"), RolloutChoice.plugin).where(
            RolloutChoice.is_on, RolloutChoice.space_id.in_(mine)
        )
        return frozenset((covers, plugin) for covers, plugin in self._db().execute(union_all(tries, chose)))
