"""What may be allowed and refused about tags."""

from plein.contributions import Permission
from plein.web.i18n import _

#: Renaming, merging and removing tags, and the lists that they are chosen from.
MANAGE = "tags.manage"

PERMISSIONS = [
    Permission(MANAGE, _("Keep tags and lists of tags"), ("admin", "content_officer"), scope="site", effect="manage"),
]
