"""What is kept about people in the tables of the inbox, and forgetting whom others followed."""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from plein.contributions import ErasedPerson, PersonalData
from plein.events import Event
from plein.inbox.models import Follow
from plein.web.i18n import _

_CHOICE = _("As long as the account exists, or until you change it")
_TOLD = _("Three months after it was read")

PERSONAL_DATA = [
    PersonalData(
        "follow", ("user_id", "kind", "target_id", "level", "created_at"), _("What you follow"), "contract", _CHOICE
    ),
    PersonalData(
        "notification",
        ("user_id", "kind", "reason", "details", "created_at", "read_at", "mailed_at"),
        _("What you were told in your inbox"),
        "contract",
        _TOLD,
    ),
    PersonalData(
        "notification",
        ("actor_id", "kind", "created_at"),
        _("Who did what others were told of"),
        "contract",
        _TOLD,
        erased="unlink",
    ),
    PersonalData(
        "notification_choice", ("user_id", "kind", "channel"), _("How you want to hear of things"), "contract", _CHOICE
    ),
    PersonalData(
        "notification_schedule",
        (
            *("user_id", "rhythm", "send_at", "weekday", "quiet_from", "quiet_until"),
            *("days_off", "away_until", "no_mail"),
        ),
        _("When you want mail"),
        "contract",
        _CHOICE,
    ),
]


def forget_followed(db: Session, person: ErasedPerson) -> None:
    """Nobody follows the person any more, and what they did is told to nobody who does not know it yet."""
    db.execute(delete(Follow).where(Follow.kind == "user", Follow.target_id == person.user_id))
    db.execute(update(Event).where(Event.actor_id == person.user_id).values(actor_id=None))
