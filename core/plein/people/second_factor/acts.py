"""What actions about second factors are called in the audit log."""

from plein.web.i18n import _

ACTS = {
    "second_factor.added": _("Second step set up"),
    "second_factor.removed": _("Second step removed"),
    "second_factor.reset": _("Second step taken away by somebody else"),
    "second_factor.used": _("Second step taken"),
    "second_factor.refused": _("Second step refused"),
    "recovery_codes.made": _("Recovery codes made"),
    "recovery_codes.kept": _("Recovery codes in use"),
}
