"""What actions about tags are called in the audit log."""

from plein.web.i18n import _

ACTS = {
    "tag.renamed": _("Tag renamed"),
    "tag.changed": _("Tag changed"),
    "tag.merged": _("Tag merged into another one"),
    "tag.unmerged": _("Merging of a tag undone"),
    "tag.deleted": _("Tag removed"),
    "vocabulary.created": _("List of tags made"),
    "vocabulary.changed": _("List of tags changed"),
    "vocabulary.deleted": _("List of tags removed"),
}
