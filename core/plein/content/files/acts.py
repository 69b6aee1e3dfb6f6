"""What actions on files are called in the audit log."""

from plein.web.i18n import _

ACTS = {
    "file.quarantined": _("A virus was found in a file"),
    "file.released": _("File released from quarantine"),
    "file.destroyed": _("Infected file deleted"),
}
