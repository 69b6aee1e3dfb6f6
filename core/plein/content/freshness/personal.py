"""What freshness keeps about people: who reported something, and who answered. Not who read what."""

from plein.contributions import PersonalData
from plein.web.i18n import _

PERSONAL_DATA = [
    PersonalData(
        "outdated_report",
        ("reporter_id", "content_id", "reason", "place", "state", "answer", "created_at"),
        _("Who reported that a text is out of date"),
        "contract",
        _("As long as the text exists; without a name when somebody is erased"),
        erased="unlink",
    ),
    PersonalData(
        "outdated_report",
        ("answered_by_id", "content_id", "answer", "answered_at"),
        _("Who answered a report that a text is out of date"),
        "contract",
        _("As long as the text exists; without a name when somebody is erased"),
        erased="unlink",
    ),
]
