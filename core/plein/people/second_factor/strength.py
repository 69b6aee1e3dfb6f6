"""A session that becomes stronger by a second factor: it gets a new token, as at every change of rights."""

from typing import TypeVar

from pyramid.httpexceptions import HTTPForbidden
from pyramid.request import Request
from pyramid.response import Response

from plein.people.sessions import SessionService
from plein.security.cookies import session_cookie, set_cookie

R = TypeVar("R", bound=Response)


def strengthen(request: Request, response: R) -> R:
    """*response*, with the new token of the viewer's own session, in which a second factor was proved."""
    if request.viewer.session_id is None:
        raise HTTPForbidden()
    token = SessionService(request.db).renew(request.viewer.session_id, strong=True)
    set_cookie(response, request.registry, session_cookie(request.registry), token)
    return response
