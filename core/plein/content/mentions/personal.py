"""What mentions keep about people."""

from plein.contributions import PersonalData
from plein.web.i18n import _

PERSONAL_DATA = [
    PersonalData(
        "content_mention",
        ("user_id", "content_id", "told_at"),
        _("Who is named in a text, and when they were told"),
        "contract",
        _("As long as the text names them"),
    ),
]
