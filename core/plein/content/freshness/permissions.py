"""Who may look after items that are not theirs."""

from plein.contributions import Permission
from plein.web.i18n import _

#: The list of what must be checked in a space.
SPACE = "freshness.space"
#: The list of what must be checked on the whole site, as far as one sees it, and doing so without a role in the space.
SITE = "freshness.view"

PERMISSIONS = [
    Permission(SPACE, _("See what must be checked in a space"), ("manager", "editor"), effect="manage"),
    Permission(
        SITE,
        _("See to it that everything stays up to date"),
        ("admin", "content_officer"),
        scope="site",
        effect="manage",
    ),
]
