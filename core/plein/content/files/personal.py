"""What is kept about people in the tables of files."""

from plein.contributions import PersonalData
from plein.web.i18n import _

_KEPT = _("As long as the file exists")

PERSONAL_DATA = [
    PersonalData(
        "attachment",
        ("created_by_id", "name", "media_type", "size", "alt", "created_at"),
        _("Who added a file"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData(
        "attachment_version",
        ("created_by_id", "name", "media_type", "size", "created_at"),
        _("Who added a file that was replaced or removed"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData(
        "attachment_version",
        ("ended_by_id", "name", "kind", "ended_at"),
        _("Who replaced or removed a file"),
        "contract",
        _KEPT,
        erased="keep",
    ),
    PersonalData(
        "held_file",
        ("user_id", "name", "media_type", "size", "created_at"),
        _("Files of a text that is not saved yet"),
        "contract",
        _("Until the text is saved, at most a week"),
    ),
]
