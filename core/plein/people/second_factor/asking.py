"""Asking for the second factor: when, how often, and what an answer is worth.

An answer is checked in a transaction of its own, which stores that it was given, right or wrong: a code that was tried
is used up, and a wrong one stands in the audit log, whatever becomes of the request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from pyramid.csrf import get_csrf_token
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.audit import ORIGIN, record
from plein.contributions import Identity
from plein.db import open_session
from plein.people.models import SiteRole, User
from plein.people.second_factor import pending
from plein.people.second_factor.duty import must_have, set_up_path
from plein.people.second_factor.passkeys import ClonedPasskeyError, PasskeyError, PasskeyService, Purpose, Site
from plein.people.second_factor.service import FactorService, has_factor
from plein.security.cookies import cookie_name, set_cookie
from plein.security.host import site_origin
from plein.security.limits import limit, limiter

log = structlog.get_logger(__name__)

#: What is kept of an identity while the second factor is asked for.
_KEPT = ("provider", "subject", "login", "name", "session")

_LIMITS = ("second_factor", "second_factor_day")


@contextmanager
def apart(request: Request) -> Iterator[Session]:
    """A writing session of its own. Never while the request's own may hold SQLite's write lock."""
    with open_session(request.registry["plein.engine"], viewer=request.viewer, writes=True) as db, db.begin():
        db.info[ORIGIN] = request.address
        yield db


def factors(request: Request, user_id: int, db: Session | None = None) -> FactorService:
    return FactorService(request.db if db is None else db, request.plein["plein.secret"], user_id)


def site(request: Request) -> Site:
    return Site(site_origin(request.registry), request.plein["plein.site_name"])


def passkeys(request: Request, db: Session | None = None) -> PasskeyService:
    return PasskeyService(request.db if db is None else db, site(request), get_csrf_token(request))


def is_due(request: Request, user: User) -> bool:
    """Whether *user* must have a second factor."""
    rule = request.plein["plein.second_factor"]
    roles = request.db.scalars(select(SiteRole.role).where(SiteRole.user_id == user.id)).all()
    return must_have(rule, is_admin=user.is_admin, roles=roles)


def wait_for_second(
    request: Request, user: User, following: str, *, method: str, identity: Identity | None
) -> Response | None:
    """The way to the page that asks for the second factor; ``None`` where *user* may come in without.

    Whoever came by name and password is asked when they have one. Whoever a provider vouches for is asked where the
    rule demands a second factor of them.
    """
    if not has_factor(request.db, user.id) or (identity is not None and not is_due(request, user)):
        return None
    return hold(request, user, following, method=method, identity=identity)


def hold(request: Request, user: User, following: str, *, method: str, identity: Identity | None = None) -> Response:
    """Note what is known, and ask for the rest."""
    kept = {name: getattr(identity, name) for name in _KEPT} if identity is not None else None
    token = pending.begin(request.db, user, following, method=method, identity=kept)
    response = HTTPSeeOther(request.route_path("sign_in.second"))
    seconds = int(pending.VALID_FOR.total_seconds())
    set_cookie(response, request.registry, pending_cookie(request), token, max_age=seconds)
    return response


def where_first(request: Request, user: User, following: str) -> str:
    """Where somebody goes who came in without a second factor: to set one up, when they must have one."""
    return set_up_path(request, following) if is_due(request, user) else following


def pending_cookie(request: Request) -> str:
    return cookie_name(request.registry, pending.COOKIE)


def count_attempt(request: Request, user_id: int) -> None:
    """Count before looking.

    :raises HTTPTooManyRequests: too often in five minutes or in a day.
    """
    for purpose in _LIMITS:
        limit(request, purpose, f"user {user_id}", strict=True)


def proved_by(request: Request, purpose: Purpose, user_id: int) -> str | None:
    """What was posted, where it is the person's: ``app``, ``recovery`` or ``passkey``. Counted and noted.

    :raises HTTPTooManyRequests: too often.
    """
    count_attempt(request, user_id)
    with apart(request) as db:
        by, reason = _check(request, db, purpose, user_id)
        if by is None:
            record(db, "second_factor.refused", "user", user_id, result="refused", actor_id=user_id, reason=reason)
            log.info("second_factor.refused", user=user_id, reason=reason, address=request.address)
        else:
            record(db, "second_factor.used", "user", user_id, actor_id=user_id, by=by, purpose=purpose)
    if by is not None:
        rates = limiter(request)
        rates.forget(_LIMITS[0], f"user {user_id}")
        rates.give_back(_LIMITS[1], f"user {user_id}")
    return by


def _check(request: Request, db: Session, purpose: Purpose, user_id: int) -> tuple[str | None, str]:
    """What it is, and what is wrong with it."""
    credential = _text(request, "credential")
    if not credential:
        return factors(request, user_id, db).use_code(_text(request, "code")[:100]), "code"
    try:
        passkeys(request, db).use(purpose, credential, user_id)
    except ClonedPasskeyError:
        return None, "passkey copied"
    except PasskeyError as error:
        log.info("passkey.refused", why=str(error))
        return None, "passkey"
    return "passkey", ""


def _text(request: Request, name: str) -> str:
    value: Any = request.POST.get(name, "")
    return value if isinstance(value, str) else ""
