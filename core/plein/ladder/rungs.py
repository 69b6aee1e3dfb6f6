"""Where plugins stand: values without a database, the same for every viewer until somebody decides otherwise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from plein.plugins.known import DormantType

Stage = Literal["off", "pilot", "opt_in", "on", "required", "retiring"]

#: From nobody to everybody, and on the way out.
STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True, slots=True)
class Rung:
    """Where one plugin stands.

    ``pilot``: the people of its groups have it everywhere, its spaces have it for everybody there. ``opt_in``: spaces
    whose managers chose it. ``on``: everywhere but in spaces whose managers do without it; outside of spaces for
    everybody. ``required``: everywhere. ``retiring``: only reading, for those who had it at the stage *reach*.

    :param reach: for ``retiring``, the stage that says who has it.
    :param group_ids: groups that take part in the pilot; *space_ids* spaces.
    :param chosen: spaces that chose to have it; *declined* those that chose not to.
    """

    stage: Stage = "off"
    reach: Stage | Literal[""] = ""
    group_ids: frozenset[int] = frozenset()
    space_ids: frozenset[int] = frozenset()
    chosen: frozenset[int] = frozenset()
    declined: frozenset[int] = frozenset()

    @property
    def is_retiring(self) -> bool:
        return self.stage == "retiring"

    @property
    def covers(self) -> Stage:
        """The stage that says who has it."""
        return (self.reach or "on") if self.stage == "retiring" else self.stage

    @property
    def is_off(self) -> bool:
        return self.covers == "off"

    @property
    def is_everywhere(self) -> bool:
        """Whether nobody misses it anywhere."""
        return self.covers == "required" or (self.covers == "on" and not self.declined)

    @property
    def spaces(self) -> frozenset[int]:
        """The spaces in which everybody has it, where it is not there for all."""
        return {"pilot": self.space_ids, "opt_in": self.chosen}.get(self.covers, frozenset())

    def has(self, group_ids: Iterable[int], space_id: int) -> bool:
        """Whether somebody in these groups has it in this space."""
        match self.covers:
            case "off":
                return False
            case "pilot":
                return space_id in self.space_ids or not self.group_ids.isdisjoint(group_ids)
            case "opt_in":
                return space_id in self.chosen
            case "on":
                return space_id not in self.declined
        return True


#: What a clause in SQL depends on: (plugin, how far it reaches, its content types), for what is not everywhere.
Shape = tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Ladder:
    """All plugins that are installed, or were and left something; where they stand.

    :param number: of the stamp that it belongs to.
    :param dormant: content types of those that are not installed, by their part of an address.
    :ivar shape: what the guard's clauses depend on; empty where everybody has everything.
    :ivar is_open: whether everybody has everything.
    """

    number: int
    rungs: Mapping[str, Rung]
    types: Mapping[str, tuple[str, ...]]
    dormant: Mapping[str, DormantType] = field(default_factory=dict)
    shape: Shape = field(init=False)
    is_open: bool = field(init=False)

    def __post_init__(self) -> None:
        limited = {name: rung for name, rung in sorted(self.rungs.items()) if not rung.is_everywhere}
        shape = tuple((name, rung.covers, self.types.get(name, ())) for name, rung in limited.items())
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "is_open", not limited and not any(one.is_retiring for one in self.rungs.values()))

    def rung(self, plugin: str) -> Rung | None:
        """Where *plugin* stands; ``None`` for the core's own features, and for what is not installed."""
        return self.rungs.get(plugin)

    def is_off(self, plugin: str) -> bool:
        """Whether nobody has it."""
        rung = self.rungs.get(plugin)
        return rung is not None and rung.is_off


#: Nothing is held back: for what must be whole whoever has which plugin, such as what people get of their own data.
OPEN = Ladder(0, {}, {})


def owner(name: str) -> str:
    """The word that a name begins with: the plugin of a permission, route, type, job or notification."""
    return name.partition(".")[0]
