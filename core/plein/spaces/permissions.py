"""What may be allowed and refused in a space itself, beside what its content types bring."""

from plein.contributions import Permission
from plein.web.i18n import _

VIEW = "space.view"
MANAGE = "space.manage"
MEMBERS = "space.members"
CREATE = "space.create"

PERMISSIONS = [
    Permission(VIEW, _("See the members of a space"), ("manager", "editor", "member", "reader", "visitor")),
    Permission(MANAGE, _("Change the settings of a space"), ("manager",)),
    Permission(MEMBERS, _("Decide who belongs to a space"), ("manager",)),
    Permission(CREATE, _("Start a space"), ("everyone",), scope="site"),
]
