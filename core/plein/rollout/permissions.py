"""What may be allowed about functions: deciding who has which."""

from plein.contributions import Permission
from plein.web.i18n import _

#: Deciding who has which function. It stays with administrators until they give it away.
CHANGE = "rollout.change"

PERMISSIONS = [Permission(CHANGE, _("Decide who has which function"), ("admin",), scope="site", effect="manage")]
