"""What may be allowed and refused about the data of people."""

from plein.contributions import Permission
from plein.web.i18n import _

#: Answering requests, freezing accounts, and the register.
MANAGE = "privacy.manage"
#: Erasing cannot be undone.
ERASE = "privacy.erase"

PERMISSIONS = [
    Permission(MANAGE, _("Answer requests about personal data"), ("admin", "people_manager"), "site", "manage"),
    Permission(ERASE, _("Erase a person"), ("admin",), "site", "manage"),
]
