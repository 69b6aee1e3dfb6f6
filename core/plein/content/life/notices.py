"""What people hear of proposals."""

from plein.contributions import NotificationType
from plein.web.i18n import _

NOTIFICATIONS = (
    NotificationType(
        "approval.asked",
        _("Something waits for your approval"),
        _("${actor} asks you to approve ${title}"),
        icon="eye-check",
        why=_("Your approval is asked"),
        asks=True,
        default="mail",
    ),
    NotificationType(
        "approval.approved",
        _("What you wrote is approved"),
        _("${actor} approved what you wrote: ${title}"),
        icon="circle-check",
        why=_("You wrote this"),
    ),
    NotificationType(
        "approval.rejected",
        _("What you wrote is not approved"),
        _("${actor} did not approve what you wrote: ${title}"),
        icon="circle-x",
        why=_("You wrote this"),
        default="mail",
    ),
    NotificationType(
        "approval.commented",
        _("A comment on a change that waits for approval"),
        _("${actor} says something about a change of ${title}"),
        icon="message",
    ),
)
