"""What actions about people are called in the audit log."""

from plein.web.i18n import _

ACTS = {
    "account.created": _("Account made"),
    "account.changed": _("Account changed"),
    "account.suspended": _("Account suspended"),
    "account.restored": _("Account works again"),
    "account.link_made": _("Sign-in link made"),
}
