"""What actions of administration itself are called in the audit log."""

from plein.web.i18n import _

ACTS = {
    "permission.changed": _("Permissions changed"),
    "access.explained": _("Asked why somebody sees something"),
    "plugin.resumed": _("A paused plugin resumed"),
    "plugin.dropped": _("All that a plugin kept removed"),
    "audit.purged": _("Old part of the audit log removed"),
    "audit.verified": _("Audit log checked"),
    "audit.exported": _("Audit log exported"),
}
