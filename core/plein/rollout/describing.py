"""What decisions say and how they differ, in words: for the board, the history, the previews and the command line."""

from dataclasses import dataclass
from typing import Any

from plein.ladder import Rung
from plein.ladder.changing import Decision
from plein.rollout.names import Names
from plein.rollout.steps import FIELDS, changed_fields
from plein.rollout.words import FIELD_NAMES, MEASURE_SHORT, STAGE_NAMES, UNDECIDED
from plein.web.i18n import _

#: Groups and spaces that the board names; more are counted.
_NAMED = 2
_NOTHING = Decision("off")


@dataclass(frozen=True, slots=True)
class Changed:
    """One word of a decision: from what to what. Empty texts where there was or is nothing."""

    title: Any
    before: Any
    after: Any


def who_has(rung: Rung, names: Names) -> Any:
    """Who has a plugin that stands at *rung*, in a few words."""
    match rung.covers:
        case "off":
            return _("Nobody")
        case "pilot":
            return _of_pilot(rung, names)
        case "opt_in":
            if not rung.chosen:
                return _("No space chose it yet")
            return _("Spaces that chose it: ${count}", mapping={"count": len(rung.chosen)})
        case "on" if rung.declined:
            return _("Everybody, but not in ${count} spaces", mapping={"count": len(rung.declined)})
    return _("Everybody")


def _of_pilot(rung: Rung, names: Names) -> Any:
    who = [
        *names.of_groups(sorted(rung.group_ids)),
        *names.of_spaces(sorted(rung.space_ids)),
    ]
    if not who:
        return _("Nobody any more: its groups and spaces are gone")
    if len(who) <= _NAMED + 1:
        return who
    return _("${names} and ${count} more", mapping={"names": who[:_NAMED], "count": len(who) - _NAMED})


def changes(before: Decision | None, after: Decision | None, names: Names) -> list[Changed]:
    """What differs, word for word, in the order in which people read it. ``None``: nobody had decided."""
    fields = set(changed_fields(before or _NOTHING, after or _NOTHING))
    if (before is None) is not (after is None):
        fields.add("stage")
    return [
        Changed(FIELD_NAMES[name], value_of(before, name, names), value_of(after, name, names))
        for name in FIELDS
        if name in fields
    ]


def value_of(decided: Decision | None, name: str, names: Names) -> Any:
    """One word of a decision as people read it; empty for none."""
    if decided is None:
        return UNDECIDED if name == "stage" else ""
    value = getattr(decided, name)
    if name in ("stage", "reach"):
        return STAGE_NAMES.get(value, "")
    if name == "measure":
        return MEASURE_SHORT.get(value, "")
    if name == "owner_id":
        return names.of_person(value) or ""
    if name == "group_ids":
        return names.of_groups(value)
    if name == "space_ids":
        return names.of_spaces(value)
    return "" if value is None else value
