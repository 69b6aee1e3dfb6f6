"""What is kept about people who propose, approve and comment."""

from plein.contributions import PersonalData
from plein.web.i18n import _

_KEPT = _("As long as the text exists; without a name when somebody is erased")

PERSONAL_DATA = [
    PersonalData(
        "proposal",
        ("author_id", "title", "body", "note", "state", "created_at", "updated_at"),
        _("Who proposed a text or a change of one"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData(
        "proposal",
        ("reviewer_id", "title", "created_at"),
        _("Who was asked to approve a text"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData(
        "proposal",
        ("decided_by_id", "title", "state", "reason", "decided_at"),
        _("Who approved or rejected a text, and why"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData(
        "proposal_comment",
        ("author_id", "text", "created_at"),
        _("Who said what about a proposed text"),
        "contract",
        _KEPT,
        erased="keep",
    ),
]
