"""What people are told of spaces themselves: who asks to join, and what became of one's own request."""

from plein.contributions import NotificationType
from plein.web.i18n import _

ASKED_IN = NotificationType(
    "space.asked_in",
    _("Somebody asks to join a space that you manage"),
    _("${actor} asks to join ${space}"),
    icon="user-plus",
    default="mail",
    why=_("You manage this space"),
)
LET_IN = NotificationType(
    "space.let_in",
    _("You are let into a space"),
    _("You are now a member of ${space}"),
    icon="door-enter",
    default="mail",
    why=_("You asked to join"),
)
DECLINED_IN = NotificationType(
    "space.not_let_in",
    _("Your request to join a space is declined"),
    _("Your request to join ${space} is declined"),
    icon="door-exit",
    why=_("You asked to join"),
)
NOTIFICATIONS = [ASKED_IN, LET_IN, DECLINED_IN]
