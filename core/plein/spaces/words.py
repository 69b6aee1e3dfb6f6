"""What accesses and roles are called, and what they mean for who can see what: the words beside every choice."""

from plein.web.i18n import _

ACCESS_NAMES = {"open": _("Open"), "closed": _("Closed"), "hidden": _("Hidden")}

ACCESS_ICONS = {"open": "world", "closed": "lock", "hidden": "eye-off"}

#: Beside each choice in the form.
ACCESS_HINTS = {
    "open": _("Every colleague can find it and read everything in it. Anyone may join."),
    "closed": _("Every colleague can see that it exists. Only members read what is in it. People ask to join."),
    "hidden": _("Only members know that it exists. Its managers add people."),
}

#: On the pages of the space: who can see this.
WHO_SEES = {
    "open": _("Every colleague can read what is in this space."),
    "closed": _("Only members can read what is in this space. Every colleague can see that it exists."),
    "hidden": _("Only members can read what is in this space, and know that it exists."),
}

ROLE_NAMES = {
    "manager": _("Manager"),
    "editor": _("Editor"),
    "member": _("Member"),
    "reader": _("Reader"),
    "asked": _("Asked to join"),
}

ROLE_HINTS = {
    "manager": _("decides who belongs to the space and what it is called"),
    "editor": _("may also move, remove and restore what others wrote"),
    "member": _("writes and improves"),
    "reader": _("reads"),
}

LANGUAGE_NAMES = {"nl": _("Dutch"), "en": _("English")}
