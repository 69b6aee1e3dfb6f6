"""Whether a change of second factors asks for proof: always, but for a first one where there is nothing to prove by."""

from datetime import timedelta

from pyramid.request import Request
from sqlalchemy import select

from plein.db import utcnow
from plein.people.methods import methods
from plein.people.models import SignInSession, User
from plein.people.second_factor.service import has_factor


def must_confirm(request: Request) -> bool:
    """Somebody who comes by a provider that asks nothing (Kerberos), and has no password, could prove nothing; so in
    the first minutes after they came in they may set up a first factor, and after that sign in anew."""
    viewer = request.viewer
    row = request.db.execute(
        select(User.password_hash, SignInSession.provider, SignInSession.created_at)
        .join(User, User.id == SignInSession.user_id)
        .where(SignInSession.id == viewer.session_id)
    ).one_or_none()
    if row is None or row.password_hash or has_factor(request.db, viewer.user_id):
        return True
    method = methods(request.registry).get(row.provider)
    if method is not None and method.confirms:
        return True
    return bool(row.created_at < utcnow() - timedelta(minutes=request.plein["plein.confirm_minutes"]))
