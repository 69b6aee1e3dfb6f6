"""What is recorded of changing settings, in people's words."""

from plein.web.i18n import _

ACTS = {"setting.changed": _("Setting changed")}
