"""What is kept about people in the table of work for later."""

from plein.contributions import PersonalData
from plein.web.i18n import _

PERSONAL_DATA = [
    PersonalData(
        "job",
        ("user_id", "name", "state", "created_at", "finished_at"),
        _("Who asked for work in the background"),
        "contract",
        _("A week after it is done; three months where it failed"),
    ),
]
