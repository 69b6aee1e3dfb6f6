"""A session that becomes stronger by a second factor: it gets a new token, as at every change of rights."""

from typing import TypeVar

from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy import update

from plein.db import utcnow
from plein.people.models import SignInSession
from plein.people.sessions import hash_token, new_token
from plein.security.cookies import session_cookie, set_cookie

R = TypeVar("R", bound=Response)


def strengthen(request: Request, response: R) -> R:
    """*response*, with the new token of the viewer's own session, in which a second factor was proved."""
    token = new_token()
    request.db.execute(
        update(SignInSession)
        .where(SignInSession.id == request.viewer.session_id, SignInSession.user_id == request.viewer.user_id)
        .values(token_hash=hash_token(token), strong=True, confirmed_at=utcnow())
    )
    set_cookie(response, request.registry, session_cookie(request.registry), token)
    return response
