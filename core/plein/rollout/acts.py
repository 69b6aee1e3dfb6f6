"""What actions on the ladder are called in the audit log."""

from plein.web.i18n import _

ACTS = {
    "rollout.taken": _("Function: a step taken"),
    "rollout.planned": _("Function: a step planned"),
    "rollout.cancelled": _("Function: a planned step called off"),
    "rollout.undone": _("Function: a step taken back"),
}
