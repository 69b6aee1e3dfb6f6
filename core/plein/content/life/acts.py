"""What actions about the life of an item are called in the audit log."""

from plein.web.i18n import _

ACTS = {"content.deleted": _("Deleted for good")}
