"""Why somebody has a plugin in a place, or does not: installed, stage, groups, space, retiring, one after another.

The answer is what pages ask (:class:`plein.ladder.Reach`), of what is stored at this moment; the chain says in words
what that goes by. A test compares the two, and both with what the routes do.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import exists, literal_column, select
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.db import utcnow
from plein.ladder import Ladder, Reach, Rung
from plein.ladder.changing import decision
from plein.ladder.keeping import read_rungs, types_of
from plein.people.models import Group
from plein.plugins import Plugins
from plein.rollout.words import STAGE_NAMES, say
from plein.security.rights import effective, read_changes
from plein.security.viewer import Viewer
from plein.spaces.belonging import seen_as, spaces_of, who_is
from plein.spaces.models import ROLES, Space
from plein.spaces.words import ROLE_NAMES
from plein.web.i18n import _

#: Permissions, groups and spaces that a sentence names.
_MOST = 8


@dataclass(frozen=True, slots=True)
class Fact:
    """One question on the way.

    :param name: one of :data:`FACT_NAMES`.
    :param ok: whether it gives the plugin, or takes it away; ``None`` where it only tells.
    """

    name: str
    ok: bool | None
    sentence: TranslationString

    def text(self, translate: Callable[[Any], str], day: Callable[[date], str] = date.isoformat) -> str:
        return say(self.sentence, translate, day)


FACT_NAMES = {
    "installed": _("Installed"),
    "paused": _("Working"),
    "stage": _("Stage"),
    "groups": _("Groups"),
    "space": _("Space"),
    "retiring": _("Retiring"),
    "permission": _("Permissions"),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """:param has: whether the viewer has it there: what pages, hooks and jobs go by."""

    has: bool
    chain: tuple[Fact, ...]

    @property
    def follows(self) -> bool:
        """What the chain comes to; the same as *has*, or one of the two is wrong."""
        told = [fact.ok for fact in self.chain]
        return True in told and False not in told


def explain(
    db: Session, plugins: Plugins, new_plugins: str, plugin: str, viewer: Viewer, space: Space | None = None
) -> Explanation:
    """Whether *viewer* has *plugin* in *space* (``None``: on pages outside of spaces), and why.

    :param db: knows what the answer may name: spaces that its own viewer may not know of are not.
    :param new_plugins: the stage of plugins that nobody decided about (the setting ``plein.new_plugins``).
    :param plugin: its name; it may not be installed.
    """
    if not plugins.has(plugin):
        return Explanation(False, (_missing(plugins, plugin),))
    # Not the ladder that the viewer came with: what is asked is how it is now.
    ladder = Ladder(0, read_rungs(db, plugins, new_plugins), types_of(plugins))
    reach = Reach(replace(viewer, ladder=ladder), lambda: db)
    asked = _Asked(db, plugins, plugin, reach, ladder.rungs[plugin], space)
    return Explanation(reach.has(plugin, None if space is None else space.id), tuple(asked.chain()))


def _missing(plugins: Plugins, plugin: str) -> Fact:
    if plugin in plugins.off:
        left_out = _("It is installed and not loaded: the server's settings leave it out.")
        return Fact("installed", False, left_out)
    return Fact("installed", False, _("There is no plugin ${name} installed.", mapping={"name": plugin}))


class _Asked:
    """One question: who, what and where."""

    def __init__(
        self, db: Session, plugins: Plugins, plugin: str, reach: Reach, rung: Rung, space: Space | None
    ) -> None:
        self.db = db
        self.plugins = plugins
        self.plugin = plugin
        self.reach = reach
        self.rung = rung
        self.space = space

    def chain(self) -> list[Fact]:
        """All facts, in the order in which they are asked."""
        facts = [Fact("installed", None, _("It is installed and loaded."))]
        if self.plugin in self.plugins.paused():
            facts.append(Fact("paused", None, _("It kept failing, and adds nothing to pages of others for a while.")))
        facts.append(self._stage())
        facts += {"pilot": self._of_pilot, "opt_in": self._of_choice, "on": self._of_declining}.get(
            self.rung.covers, list
        )()
        if self.rung.is_retiring:
            facts.append(Fact("retiring", None, _("It is being retired: what is there can be read, and not changed.")))
        return facts if self.space is None else [*facts, self._permissions(self.space)]

    def _stage(self) -> Fact:
        """What the stage says by itself."""
        ok = {"off": False, "on": True, "required": True}.get(self.rung.covers)
        decided = decision(self.db, self.plugin)
        name = STAGE_NAMES[self.rung.stage]
        if decided is None:
            nobody = _("Nobody decided about it yet, so it stands at “${stage}”.", mapping={"stage": name})
            return Fact("stage", ok, nobody)
        if self.rung.is_retiring:
            readers = {"stage": name, "reach": STAGE_NAMES[self.rung.covers]}
            return Fact("stage", ok, _("It stands at “${stage}”, for whoever has it by “${reach}”.", mapping=readers))
        if decided.ends_on is not None and self.rung.stage == "pilot":
            until = {"stage": name, "day": decided.ends_on}
            return Fact("stage", ok, _("It stands at “${stage}”, until ${day}.", mapping=until))
        return Fact("stage", ok, _("It stands at “${stage}”.", mapping={"stage": name}))

    # -- a pilot: either its groups or its spaces -------------------------------------------------------------------

    def _of_pilot(self) -> list[Fact]:
        mine = self.rung.group_ids & self.reach.group_ids
        by_space, space = self._by_space(
            _("The space takes part in the pilot."),
            _("The space does not take part in the pilot."),
            _("Belongs to a space that takes part in the pilot: ${spaces}."),
            _("Belongs to no space that takes part in the pilot."),
        )
        # Where one of the two gives it, the other only tells.
        no = None if mine or by_space else False
        if mine:
            groups = {"groups": self._group_names(mine)}
            group = Fact("groups", True, _("Is in a group that takes part in the pilot: ${groups}.", mapping=groups))
        else:
            group = Fact("groups", no, _("Is in no group that takes part in the pilot."))
        return [group, Fact("space", True if by_space else no, space)]

    def _of_choice(self) -> list[Fact]:
        by_space, space = self._by_space(
            _("The managers of the space chose to have it."),
            _("The managers of the space did not choose to have it."),
            _("Belongs to a space that chose to have it: ${spaces}."),
            _("Belongs to no space that chose to have it."),
        )
        return [Fact("space", by_space, space)]

    def _of_declining(self) -> list[Fact]:
        if self.space is not None and self.space.id in self.rung.declined:
            return [Fact("space", False, _("The managers of the space chose to do without it."))]
        return []

    def _by_space(self, here: Any, not_here: Any, mine: Any, not_mine: Any) -> tuple[bool, Any]:
        """Whether the space gives it, or outside of spaces one that the viewer belongs to; and the sentence of four."""
        if self.space is not None:
            gives = self.space.id in self.rung.spaces
            return gives, here if gives else not_here
        found = self._is_in(self.rung.spaces)
        if not found:
            return False, not_mine
        names = self._space_names()
        known = names or [_("one that you cannot see yourself")]
        return True, TranslationString(mine, mapping={"spaces": known})

    # -- what the database knows ------------------------------------------------------------------------------------

    def _mine(self, roles: Any = None) -> Any:
        viewer, looks = self.reach.viewer, self.reach.viewer.view_as
        who = who_is(viewer, utcnow()) if looks is None else seen_as(looks)
        return spaces_of(who) if roles is None else spaces_of(who, roles)

    def _is_in(self, space_ids: Any) -> bool:
        if not space_ids or not self.reach.viewer.is_signed_in:
            return False
        # Tables without the guard: whether somebody belongs to a space does not depend on who asks.
        (space_id,) = self._mine().subquery().c
        return self.db.execute(select(space_id).where(space_id.in_(space_ids)).limit(1)).first() is not None

    def _space_names(self) -> list[str]:
        names = select(Space.name).where(Space.id.in_(self.rung.spaces), Space.id.in_(self._mine()))
        return list(self.db.scalars(names.order_by(Space.name, Space.id).limit(_MOST)))

    def _group_names(self, ids: frozenset[int]) -> list[str]:
        names = select(Group.name).where(Group.id.in_(ids)).order_by(Group.sort_name, Group.id)
        return list(self.db.scalars(names.limit(_MOST)))

    def _permissions(self, space: Space) -> Fact:
        """What the viewer may do with it by their role in *space*, where they have it."""
        role = self._role(space)
        if role is None:
            return Fact("permission", None, _("Does not come into this space, and so finds nothing of it there."))
        changes = read_changes(self.db)
        may = [
            one.title
            for name, one in sorted(self.plugins.permissions.items())
            if name.partition(".")[0] == self.plugin
            and one.scope == "space"
            and (role in effective(one, changes, space.id) if one.effect != "read" else True)
        ]
        names = {"role": ROLE_NAMES.get(role, _("Visitor")), "permissions": may[:_MOST]}
        if not may:
            return Fact("permission", None, _("Comes into this space as: ${role}.", mapping=names))
        return Fact("permission", None, _("Comes into this space as: ${role}. May: ${permissions}.", mapping=names))

    def _role(self, space: Space) -> str | None:
        """What the viewer is in *space*: a role, ``visitor``, or nothing."""
        has = []
        for role in ROLES:
            (space_id,) = self._mine((role,)).subquery().c
            has.append(exists(select(literal_column("1")).where(space_id == space.id)))
        found = self.db.execute(select(*has)).one()
        visits = space.access == "open" and self.reach.viewer.kind == "person"
        return next((role for role, yes in zip(ROLES, found, strict=True) if yes), "visitor" if visits else None)
