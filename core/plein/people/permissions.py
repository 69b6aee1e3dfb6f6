"""What may be allowed and refused about people."""

from plein.contributions import Permission
from plein.web.i18n import _

VIEW = "people.view"

PERMISSIONS = [Permission(VIEW, _("See who works here"), ("everyone",), scope="site", effect="read")]
