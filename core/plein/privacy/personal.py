"""What is kept about people in the tables of privacy itself, and in the audit log."""

from plein.contributions import PersonalData
from plein.web.i18n import _

_ANSWERED = _("As long as the account exists")

PERSONAL_DATA = [
    PersonalData(
        "data_export",
        ("user_id", "created_at", "ready_at", "expires_at"),
        _("When somebody asked for their data"),
        "legal",
        _("A week"),
    ),
    PersonalData(
        "privacy_request",
        ("user_id", "kind", "text", "answer", "created_at", "closed_at"),
        _("What somebody asked about their data, and the answer"),
        "legal",
        _ANSWERED,
    ),
    PersonalData(
        "privacy_request",
        ("closed_by_id", "closed_at"),
        _("Who answered a request about data"),
        "legal",
        _ANSWERED,
        erased="keep",
    ),
    PersonalData(
        "restriction",
        ("user_id", "reason", "created_at"),
        _("That an account is frozen, and why"),
        "legal",
        _("As long as it is frozen"),
    ),
    PersonalData(
        "restriction",
        ("by_id", "created_at"),
        _("Who froze an account"),
        "legal",
        _("As long as it is frozen"),
        erased="keep",
    ),
    PersonalData(
        "audit_entry",
        ("actor_id", "at", "action", "object_type", "object_id", "result", "origin"),
        _("Who did what with rights, accounts and settings, to find out what happened"),
        "legal",
        _("As long as the log is kept; without a name when somebody is erased"),
        erased="keep",
    ),
]
