"""Mail to somebody whose second factors changed: whoever did not do it themselves must hear of it."""

from typing import Literal

from pyramid.request import Request

from plein.mail import can_send, send
from plein.people.models import User
from plein.web.i18n import _

SUBJECTS = {
    "added": _("A second factor was added to your account"),
    "removed": _("A second factor was removed from your account"),
    "reset": _("The second factors of your account were taken away"),
}


def tell(request: Request, user: User, what: Literal["added", "removed", "reset"]) -> None:
    """Send it with the transaction, where mail is configured and the person has an address."""
    if user.email and can_send(request.plein):
        send(
            request.db,
            to=user.email,
            subject=SUBJECTS[what],
            template="plein:templates/mail/second_factor.pt",
            values={"name": user.name, "what": what},
            locale=user.locale or request.plein["plein.default_locale"],
        )
