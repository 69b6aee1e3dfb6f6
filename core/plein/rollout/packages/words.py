"""Where a function stands for one space, in a word and in a sentence."""

from typing import Literal

from plein.ladder.rungs import Rung
from plein.web.i18n import _

State = Literal["required", "on", "declined", "chosen", "free", "not_in_package", "pilot", "elsewhere", "retiring"]

#: The space has it.
HERE = ("required", "on", "chosen", "pilot", "retiring")
#: The space does not have it, and its managers may choose it.
MAY = ("free", "declined")
NOT_IN_PACKAGE: State = "not_in_package"

NAMES = {
    "required": _("On everywhere"),
    "on": _("On"),
    "declined": _("Not in this space"),
    "chosen": _("On in this space"),
    "free": _("Can be chosen"),
    "not_in_package": _("Not in your package"),
    "pilot": _("Being tried here"),
    "elsewhere": _("Being tried elsewhere"),
    "retiring": _("Being retired"),
}
SENTENCES = {
    "required": _("Every space has it."),
    "on": _("Every space has it, unless its managers do without."),
    "declined": _("The managers of this space chose to do without it. What is in it is kept."),
    "chosen": _("The managers of this space chose it."),
    "free": _("You can choose it for this space."),
    "not_in_package": _("It is not in the package of functions of this space. You can ask for it."),
    "pilot": _("This space takes part in a pilot."),
    "elsewhere": _("Others try it at the moment. You can ask for it."),
    "retiring": _("What is in it can be read, and no longer changed."),
}


def state_of(rung: Rung, space_id: int) -> State:
    """Where a function that stands on *rung* is for a space."""
    if rung.is_retiring:
        return "retiring"
    match rung.stage:
        case "required":
            return "required"
        case "on":
            return "declined" if space_id in rung.declined else "on"
        case "opt_in":
            return "chosen" if space_id in rung.chosen else "free"
    return "pilot" if space_id in rung.space_ids else "elsewhere"
