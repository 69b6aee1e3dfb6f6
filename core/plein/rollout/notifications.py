"""What those hear of who answer for a function: that its time is nearly over, and that it is over."""

from plein.contributions import NotificationType
from plein.web.i18n import _

_WHY = _("You answer for this function, or decide about it")

ENDS = NotificationType(
    "rollout.ends",
    _("The pilot of a function is nearly over"),
    _("The pilot of ${function} ends in ${days} days: think about how it goes on"),
    icon="calendar-event",
    why=_WHY,
    asks=True,
    default="mail",
)
OVER = NotificationType(
    "rollout.over",
    _("The pilot of a function is over"),
    _("The pilot of ${function} is over: decide how it goes on"),
    icon="alarm",
    why=_WHY,
    asks=True,
    default="mail",
)
RETIRED = NotificationType(
    "rollout.retired",
    _("A function that is retired need not be read any more"),
    _("The last day of ${function} is here: switch it off, or give it more time"),
    icon="alarm",
    why=_WHY,
    asks=True,
    default="mail",
)
NOTIFICATIONS = [ENDS, OVER, RETIRED]
