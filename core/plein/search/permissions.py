"""What may be allowed and refused about search, and what its acts are called in the audit log."""

from plein.contributions import Permission, PersonalData
from plein.web.i18n import _

#: Synonyms, best bets, and what people looked for in vain.
MANAGE = "search.manage"

PERMISSIONS = [
    Permission(
        MANAGE, _("Keep what search knows about words"), ("admin", "content_officer"), scope="site", effect="manage"
    )
]

ACTS = {
    "search_synonym.added": _("Words that mean the same added to search"),
    "search_synonym.removed": _("Words that mean the same removed from search"),
    "search_best_bet.added": _("Recommended result added to search"),
    "search_best_bet.removed": _("Recommended result removed from search"),
}

PERSONAL_DATA = [
    PersonalData(
        "saved_search",
        ("user_id", "name", "question", "created_at"),
        _("Searches that somebody keeps for themselves"),
        "consent",
        _("Until the person removes them, or as long as the account exists"),
    )
]
