"""What kinds of groups are called, and how they look: the words beside every choice."""

from plein.web.i18n import _

KIND_NAMES = {"department": _("Department"), "project": _("Project"), "pilot": _("Pilot")}
KIND_PLURALS = {"department": _("Departments"), "project": _("Projects"), "pilot": _("Pilots")}
KIND_ICONS = {"department": "users", "project": "folder", "pilot": "flag"}

#: Beside each choice in the form.
KIND_HINTS = {
    "department": _("A part of the organisation, such as a team."),
    "project": _("People who work together for a while."),
    "pilot": _("People who try something out before the others."),
}
