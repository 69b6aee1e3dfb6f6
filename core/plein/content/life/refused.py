"""What whoever writes is told where a way of writing does not ask first: a lock, approval, a step that makes no sense.

The pages themselves ask before; this is for what comes in between, and for ways of writing that features add. What was
typed comes back.
"""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from plein.content.approving import ApprovalNeeded
from plein.content.life.service import LifeRefused
from plein.content.services import ItemLocked
from plein.security.csrf import comes_from_here
from plein.web.errors import error_page, kept_fields
from plein.web.i18n import _

LOCKED = _("This is locked. Ask who may lock it to open it first.")
NEEDS_APPROVAL = _("Here somebody else has to look at a change first. Send it for approval from the form of the page.")


def _told(request: Request, error: Exception, sentence: Any) -> Response:
    kept = kept_fields(request) if comes_from_here(request) else []
    return error_page(request, 409, detail=sentence, error=error, kept=[one for one in kept if one.is_long])


def locked(error: ItemLocked, request: Request) -> Response:
    return _told(request, error, LOCKED)


def needs_approval(error: ApprovalNeeded, request: Request) -> Response:
    return _told(request, error, NEEDS_APPROVAL)


def refused(error: LifeRefused, request: Request) -> Response:
    return _told(request, error, error.sentence)


def includeme(config: Configurator) -> None:
    config.add_exception_view(locked, context=ItemLocked)
    config.add_exception_view(needs_approval, context=ApprovalNeeded)
    config.add_exception_view(refused, context=LifeRefused)
