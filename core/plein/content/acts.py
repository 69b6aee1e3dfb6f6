"""What actions about what people write are called in the audit log."""

from plein.web.i18n import _

ACTS = {
    "content.restricted": _("For some people only, or no longer"),
    "content.audience": _("Audience changed"),
    "content.co_writers": _("Co-writers of a draft changed"),
    "content.trashed": _("Thrown away"),
    "content.untrashed": _("Put back"),
    "content.moved": _("Moved to another space"),
    "template.saved": _("Template of pages saved"),
    "template.removed": _("Template of pages removed"),
    "policy.changed": _("Rule for items changed"),
    "import.done": _("Pages brought in"),
    "import.undone": _("Bringing in pages undone"),
}
