"""What is kept about people in the tables of spaces."""

from plein.contributions import PersonalData
from plein.web.i18n import _

PERSONAL_DATA = [
    PersonalData(
        "membership",
        ("user_id", "space_id", "role", "created_at"),
        _("Of which spaces somebody is a member, and what they may do there"),
        "contract",
        _("As long as the membership lasts"),
    ),
    PersonalData(
        "space_invitation",
        ("user_id", "space_id", "role", "note", "state", "created_at", "expires_at", "answered_at"),
        _("To which spaces somebody was invited"),
        "contract",
        _("As long as the space exists"),
        withheld=("token_hash",),
    ),
    PersonalData(
        "space_invitation",
        ("inviter_id", "space_id", "created_at"),
        _("Who invited somebody to a space"),
        "contract",
        _("As long as the space exists"),
        erased="unlink",
    ),
    PersonalData(
        "space_welcomed",
        ("user_id", "space_id"),
        _("Who read the welcome of a space, to show it once"),
        "interest",
        _("As long as the membership lasts"),
    ),
    PersonalData(
        "broken_glass",
        ("user_id", "space_id", "reason", "created_at", "ends_at"),
        _("Which administrator looked into a space that is not theirs, and why"),
        "legal",
        _("As long as the space exists"),
        erased="keep",
    ),
]
