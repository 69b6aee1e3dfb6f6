"""Mail to somebody whose second factors changed: whoever did not do it themselves must hear of it."""

from collections.abc import Mapping
from typing import Any, Literal

import structlog
from sqlalchemy.orm import Session

from plein.mail import AddressError, can_send, send
from plein.people.models import User
from plein.web.i18n import _

log = structlog.get_logger(__name__)

SUBJECTS = {
    "added": _("A second step was added to your account"),
    "removed": _("A second step was removed from your account"),
    "reset": _("The second step of your account was taken away"),
}


def tell(db: Session, settings: Mapping[str, Any], user: User, what: Literal["added", "removed", "reset"]) -> None:
    """Send it with the transaction, where mail is configured and the person has an address."""
    if not user.email or not can_send(settings):
        return
    try:
        send(
            db,
            to=user.email,
            subject=SUBJECTS[what],
            template="plein:templates/mail/second_factor.pt",
            values={"title": SUBJECTS[what], "name": user.name, "what": what},
            locale=user.locale or settings["plein.default_locale"],
        )
    except AddressError:
        # What was done is done all the same.
        log.warning("second_factor.not_told", user=user.id)
