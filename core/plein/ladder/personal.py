"""What the ladder keeps about people: who answers for a plugin, who took a step or made a choice, what was answered."""

from plein.contributions import PersonalData
from plein.web.i18n import _

_KEPT = _("As long as the site exists; without a name when somebody is erased")

PERSONAL_DATA = [
    PersonalData(
        "rollout",
        ("owner_id", "plugin", "purpose"),
        _("Who answers for a function"),
        "contract",
        _KEPT,
        erased="unlink",
    ),
    PersonalData(
        "rollout_choice",
        ("user_id", "plugin", "space_id", "is_on", "chosen_at"),
        _("Who chose a function for a space"),
        "contract",
        _KEPT,
        erased="unlink",
    ),
    PersonalData(
        "rollout_step",
        ("user_id", "plugin", "reason", "created_at"),
        _("Who decided who has a function, and why"),
        "contract",
        _KEPT,
        erased="unlink",
    ),
    PersonalData(
        "rollout_answer",
        ("user_id", "plugin", "grade", "text", "answered_at", "again_at"),
        _("What you thought of a function that you tried"),
        "interest",
        _("Until the function is decided about for good; without a name when somebody is erased"),
        erased="unlink",
    ),
]
