"""What actions about the data of people are called in the audit log."""

from plein.web.i18n import _

ACTS = {
    "data.asked": _("Export of own data asked for"),
    "data.exported": _("Export of own data made"),
    "data.downloaded": _("Export of own data downloaded"),
    "privacy.asked": _("Request about own data"),
    "privacy.answered": _("Request about data answered"),
    "account.frozen": _("Account frozen"),
    "account.thawed": _("Account no longer frozen"),
    "account.erased": _("Person erased"),
    "account.erased_again": _("Person erased again after a restore"),
}
