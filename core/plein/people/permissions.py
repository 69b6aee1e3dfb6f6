"""What may be allowed and refused about people."""

from plein.contributions import Permission
from plein.web.i18n import _

VIEW = "people.view"

#: Accounts, invitations, groups and bringing in people.
MANAGE = "people.manage"

PERMISSIONS = [
    Permission(VIEW, _("See who works here"), ("everyone",), scope="site", effect="read"),
    Permission(MANAGE, _("Keep accounts and groups"), ("admin", "people_manager"), scope="site", effect="manage"),
]
