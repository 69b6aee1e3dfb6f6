"""What people hear of: a check that is due, a report and its answer, and that something is theirs now."""

from plein.contributions import NotificationType
from plein.web.i18n import _

NOTIFICATIONS = (
    NotificationType(
        "review.due",
        _("A page that you look after must be checked"),
        _("Check before ${day} whether this is still true: ${title}"),
        icon="calendar-event",
        why=_("You look after this"),
        asks=True,
    ),
    NotificationType(
        "review.escalated",
        _("A page was not checked in time"),
        _("Nobody checked this in time: ${title}"),
        icon="alarm",
        why=_("You manage what this belongs to"),
        asks=True,
    ),
    NotificationType(
        "report.received",
        _("A reader says that a page that you look after is out of date"),
        _("${actor} says that this is out of date: ${title}"),
        icon="message-report",
        why=_("You look after this"),
        asks=True,
        default="mail",
        several=_("${n} readers say that this is out of date: ${title}"),
    ),
    NotificationType(
        "report.answered",
        _("Your report that a page is out of date is answered"),
        _("${actor} answered what you reported about ${title}"),
        icon="message-circle",
        why=_("You reported it"),
        default="mail",
    ),
    NotificationType(
        "owner.given",
        _("You look after a page from now on"),
        _("${actor} asks you to look after ${title}"),
        icon="user-check",
    ),
    NotificationType(
        "owner.left",
        _("Pages of somebody who left come to the managers of the space"),
        _("${name} left; the managers of the space look after ${number} pages now"),
        icon="arrows-move",
    ),
)
