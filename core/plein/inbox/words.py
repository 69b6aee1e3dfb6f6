"""Words of the inbox: why somebody is told something, how closely they follow, and how they hear of it."""

from plein.web.i18n import _

#: Why somebody is told, strongest first.
REASONS = {
    "addressed": _("It is meant for you"),
    "owner": _("You look after this"),
    "author": _("You wrote this"),
    "writer": _("You helped to write this"),
    "item": _("You follow this"),
    "tag": _("You follow a topic of this"),
    "person": _("You follow who did it"),
    "space": _("You follow this space"),
    "member": _("You belong to this space"),
}

#: How closely something is followed: what a button says, and what it means.
LEVEL_NAMES = {
    "all": _("Everything"),
    "following": _("What is new"),
    "mentions": _("Only what is meant for me"),
    "quiet": _("Nothing"),
}

#: What a level means for a space, and for an item.
LEVEL_HINTS = {
    "space": {
        "all": _("Each new page and each change"),
        "following": _("New pages, and changes of what you follow"),
        "mentions": _("When you are mentioned, and what happens to your own pages"),
        "quiet": _("Only what is asked of you"),
    },
    "item": {
        "all": _("Each change"),
        "mentions": _("When you are mentioned here"),
        "quiet": _("Only what is asked of you"),
    },
}

CHANNEL_NAMES = {
    "mail": _("At once by mail"),
    "digest": _("In the overview by mail"),
    "inbox": _("Only in Plein"),
    "off": _("Not"),
}

RHYTHM_NAMES = {"hourly": _("Every hour"), "daily": _("Every day"), "weekly": _("Every week")}

DAY_NAMES = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)

#: The parts of what somebody missed, most important first.
MISSED = {
    "addressed": _("Meant for you"),
    "own": _("About your own pages"),
    "followed": _("What you follow"),
    "space": _("In your spaces"),
}
