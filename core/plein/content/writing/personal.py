"""What writing keeps about people."""

from plein.contributions import PersonalData
from plein.web.i18n import _

PERSONAL_DATA = [
    PersonalData(
        "unsaved",
        ("user_id", "type", "values", "saved_at"),
        _("What somebody typed and did not save yet"),
        "contract",
        _("Until it is saved or thrown away, and at most as long as the settings say"),
    ),
    PersonalData(
        "writing_presence",
        ("user_id", "content_id", "seen_at"),
        _("Who is changing a text at this moment, so that two people do not get in each other's way"),
        "contract",
        _("A minute"),
    ),
]
