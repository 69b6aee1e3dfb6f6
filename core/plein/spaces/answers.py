"""What the views of spaces answer with: where they lead on to, and what becomes of a rule that says no."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.request import Request

from plein.spaces.contexts import SpaceContext
from plein.spaces.errors import NotAllowed, SpaceError
from plein.spaces.models import Space


def address(context: SpaceContext, request: Request, route: str, **parts: Any) -> str:
    """The path of a page in the space of *context*."""
    return str(request.route_path(route, space=context.space.slug, **parts))


def to_home(request: Request, space: Space) -> HTTPSeeOther:
    """On to the space's own page."""
    return HTTPSeeOther(request.route_path("space.home", space=space.slug))


def to_members(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """On to who belongs to the space."""
    return HTTPSeeOther(address(context, request, "space.members"))


def refused(request: Request, error: SpaceError) -> None:
    """Tell why not. Who lost the right since the page was made gets the page that says so.

    :raises HTTPForbidden: for NotAllowed.
    """
    if isinstance(error, NotAllowed):
        raise HTTPForbidden(error.sentence) from error
    request.notice(error.sentence, "error")
