"""What may be allowed and refused in a space itself, beside what its content types bring."""

from plein.contributions import SPACE_ROLES, Permission
from plein.web.i18n import _

VIEW = "space.view"
MANAGE = "space.manage"
MEMBERS = "space.members"
CREATE = "space.create"
#: What new spaces start from.
TEMPLATES = "space.templates"
#: Spaces that nobody manages any more.
RESCUE = "space.rescue"

PERMISSIONS = [
    Permission(VIEW, _("See the members of a space"), SPACE_ROLES, effect="read"),
    Permission(MANAGE, _("Change the settings of a space"), ("manager",), effect="manage"),
    Permission(MEMBERS, _("Decide who belongs to a space"), ("manager",), effect="manage"),
    Permission(CREATE, _("Start a space"), ("everyone",), scope="site"),
    Permission(TEMPLATES, _("Make templates of spaces"), ("admin",), scope="site", effect="manage"),
    Permission(RESCUE, _("Give a space a manager again"), ("admin", "moderator"), scope="site", effect="manage"),
]

#: For services, which ask without a request.
BY_NAME = {permission.name: permission for permission in PERMISSIONS}
