"""What may be allowed and refused in administration, beside what the features bring themselves."""

from plein.contributions import Permission
from plein.web.i18n import _

#: Reading and exporting the audit log.
AUDIT = "audit.view"
#: Who has which permission, and who holds which office. It stays with administrators.
PERMISSION = "permission.change"
#: Asking why somebody else sees something.
EXPLAIN = "access.explain"

PERMISSIONS = [
    Permission(AUDIT, _("Read the audit log"), ("admin",), scope="site", effect="manage"),
    Permission(PERMISSION, _("Change who may do what"), ("admin",), scope="site", effect="manage"),
    Permission(
        EXPLAIN, _("Find out why somebody sees something"), ("admin", "people_manager"), scope="site", effect="manage"
    ),
]
