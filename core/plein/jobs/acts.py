"""What actions about work for later are called in the audit log."""

from plein.web.i18n import _

ACTS = {"job.retried": _("Given up work tried again")}
