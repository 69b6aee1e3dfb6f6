"""The ladder as each process keeps it: read again when the number that comes with each request says that it changed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from plein.db.session import COMPLETES, VIEWER
from plein.ladder.hooks import hook_filter
from plein.ladder.models import Rollout, RolloutAudience, RolloutChoice
from plein.ladder.rungs import Ladder, Rung, Stage
from plein.plugins import Plugins
from plein.plugins.known import dormant_types
from plein.plugins.registry import SIGN_IN_HOOKS
from plein.security.stamps import Kept
from plein.security.viewer import Viewer


class Ladders:
    """The last :class:`Ladder` that this process knows.

    It makes itself known to *engine*: every session that is opened on it gives its viewer the ladder of that moment.

    :param new_plugins: the stage of a plugin that nobody decided about.
    """

    def __init__(self, engine: Engine, plugins: Plugins, new_plugins: str) -> None:
        self._plugins = plugins
        self._new_plugins = new_plugins
        self.kept: Kept[Ladder] = Kept(engine, self.read)
        engine.update_execution_options(**{COMPLETES: self.complete})
        plugins.is_there, plugins.is_dormant = hook_filter(self.is_off), self.is_off

    def complete(self, viewer: Viewer) -> Viewer:
        """*viewer* with the ladder that belongs to its number; one that has a ladder keeps it."""
        if viewer.ladder is not None:
            return viewer
        return replace(viewer, ladder=self.at(viewer.rights) if viewer.session_id is not None else self.now())

    def at(self, number: int) -> Ladder:
        """The ladder as it was at *number* or later; a few statements where this process does not know it yet."""
        return self.kept.at(number)

    def now(self) -> Ladder:
        """The ladder of this moment, or of a second ago."""
        return self.kept.now()

    def is_off(self, plugin: str) -> bool:
        """Whether nobody has *plugin* at this moment: for work that nobody in particular asked for."""
        return self.now().is_off(plugin)

    def read(self, db: Connection | Session, number: int = 0) -> Ladder:
        """The ladder as *db*, a session or connection, sees it: with what was decided in its own transaction."""
        dormant = dormant_types(db, (info.name for info in self._plugins.plugins))
        gone = {one.plugin for one in dormant}
        rungs = read_rungs(db, self._plugins, self._new_plugins, gone)
        types = types_of(self._plugins)
        for one in dormant:
            types[one.plugin] = (*types.get(one.plugin, ()), one.name)
        # Who may see what is left of a plugin is decided by where it stands, as when it was there.
        return Ladder(number, rungs, types, {one.path: one for one in dormant})


def types_of(plugins: Plugins) -> dict[str, tuple[str, ...]]:
    """The names of the content types of each plugin."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(plugins.content_types):
        plugin = name.partition(".")[0]
        found[plugin] = (*found.get(plugin, ()), name)
    return found


def signing_in(plugins: Plugins) -> set[str]:
    """The plugins by which people sign in."""
    return set().union(*(plugins.implementing(hook) for hook in SIGN_IN_HOOKS))


def defaults(plugins: Plugins, new_plugins: str, gone: Collection[str] = ()) -> dict[str, Stage]:
    """The stage of each plugin as long as nobody decides about it: of those that are installed, and of those *gone*."""
    # Whoever wrote a way to sign in into the configuration could not sign in to switch it on.
    ways_in = signing_in(plugins)
    # The setting knows no other words than these two.
    undecided: Stage = "on" if new_plugins == "on" else "off"
    installed: dict[str, Stage] = {info.name: "on" if info.name in ways_in else undecided for info in plugins.plugins}
    return {**installed, **dict.fromkeys(gone, undecided)}


def read_rungs(db: Any, plugins: Plugins, new_plugins: str, gone: Collection[str] = ()) -> dict[str, Rung]:
    """Where each installed plugin stands, by its name, read from a session or connection in three statements.

    :param gone: plugins that are not installed and left something.
    """
    decided = {row.plugin: row for row in db.execute(select(Rollout.plugin, Rollout.stage, Rollout.reach))}
    named: defaultdict[str, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for plugin, group_id, space_id in db.execute(
        select(RolloutAudience.plugin, RolloutAudience.group_id, RolloutAudience.space_id)
    ):
        named[plugin][group_id is None].add(space_id if group_id is None else group_id)
    chose: defaultdict[str, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for plugin, space_id, is_on in db.execute(
        select(RolloutChoice.plugin, RolloutChoice.space_id, RolloutChoice.is_on)
    ):
        chose[plugin][not is_on].add(space_id)
    rungs = {}
    for name, default in defaults(plugins, new_plugins, gone).items():
        row = decided.get(name)
        sets = [frozenset(one) for one in (*named[name], *chose[name])]
        rungs[name] = Rung(row.stage if row else default, row.reach if row else "", *sets)
    return rungs


def ladder_of(db: Session) -> Ladder | None:
    """The ladder that *db* works with: its viewer's, or for work of the system that of the moment.

    ``None`` on an engine that belongs to no site; then nothing is held back.
    """
    viewer = db.info.get(VIEWER)
    if viewer is not None and viewer.ladder is not None:
        return viewer.ladder
    complete = db.get_bind().get_execution_options().get(COMPLETES)
    return complete.__self__.now() if complete is not None else None
