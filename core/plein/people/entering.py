"""Coming in: the one place where a session begins, whatever way somebody proved who they are.

A way to sign in ends with :func:`enter`, when it knows the account, or with :func:`enter_identity`, when it knows what
a provider calls the person. A way out that a provider asks for is :func:`end_sessions`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.contributions import Identity
from plein.people.identities import IdentityService, NotAdmitted
from plein.people.methods import methods
from plein.people.models import SignInSession, User, UserIdentity
from plein.people.refusals import note_refusal
from plein.people.second_factor.asking import wait_for_second, where_first
from plein.people.sessions import SessionService, lifetime
from plein.people.standing import may_enter, today
from plein.security.cookies import session_cookie, set_cookie
from plein.security.redirects import safe_path
from plein.web.appearance import COOKIE as LOOK
from plein.web.appearance import keep_look
from plein.web.request import begin_writing

log = structlog.get_logger(__name__)

#: Confirmed never: an act of administration asks first.
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

REFUSED = "plein:templates/sign_in/refused.pt"


@dataclass(frozen=True, slots=True)
class IdentityEntered:
    """An event: *user* is signed in by a provider, who said *identity*. In the transaction of the sign-in."""

    request: Request
    user: User
    identity: Identity


def safe_next(value: Any) -> str:
    """Where to go after signing in; never back to signing in."""
    path = safe_path(value)
    return "/" if path.partition("?")[0].startswith(("/sign-in", "/sign-out")) else path


def enter(
    request: Request,
    user: User,
    following: str = "/",
    *,
    method: str,
    strong: bool = False,
    identity: Identity | None = None,
) -> Response:
    """Sign *user* in here: a new session; the one that this browser had before ends.

    Without a second factor, whoever has one is asked for it first, and whoever must have one is led to setting it up.

    :param following: where to go then; an address of another site becomes the start page.
    :param method: how they proved who they are: ``password``, ``link``, or the name of a sign-in method.
    :param strong: a second factor was used here.
    :param identity: what a provider said, where one did.
    :raises HTTPForbidden: for an account that does not work; callers say so in a sentence before.
    """
    if not may_enter(user, today(request.plein["plein.time_zone"])):
        raise HTTPForbidden()
    following = safe_next(following)
    strong = strong or (identity is not None and identity.strong)
    if not strong:
        waiting = wait_for_second(request, user, following, method=method, identity=identity)
        if waiting is not None:
            return waiting
        following = where_first(request, user, following)
    if user.state == "invited":
        user.state = "active"
        record(request.db, "account.activated", "user", user.id, actor_id=user.id)
    token = _start(request, user, method, strong, identity)
    response = HTTPSeeOther(following)
    set_cookie(response, request.registry, session_cookie(request.registry), token)
    if LOOK not in request.cookies and user.theme != "auto":
        keep_look(request, response, theme=user.theme)
    return response


def _start(request: Request, user: User, method: str, strong: bool, identity: Identity | None) -> str:
    """A new session; the token for its cookie."""
    service, before = SessionService(request.db), request.viewer
    carried_on = _carried_on(request, user, identity)
    if before.user_id is not None and before.session_id is not None:
        service.end(before.user_id, before.session_id)
    declared = methods(request.registry).get(method)
    renews = declared is not None and declared.renews
    token = service.start(
        user.id,
        lasts=lifetime(request, renews=renews),
        address=request.address,
        agent=request.headers.get("User-Agent", ""),
        method=method,
        strong=strong,
        provider=identity.provider if identity else "",
        provider_session=identity.session if identity else "",
        renews=renews,
        **carried_on,
    )
    record(request.db, "session.started", "user", user.id, actor_id=user.id, method=method, strong=strong)
    log.info("sign_in.done", user=user.id, method=method, address=request.address)
    return token


def _carried_on(request: Request, user: User, identity: Identity | None) -> dict[str, Any]:
    """What the new session knows besides. Being known to a provider proves less than having been asked just now; and
    what waited for that proof in the session before goes on in this one, when it is the same person's.
    """
    values: dict[str, Any] = {} if identity is None or identity.confirmed else {"confirmed_at": _LONG_AGO}
    before = request.viewer
    if before.user_id == user.id and before.session_id is not None:
        row = request.db.execute(
            select(SignInSession.waits, SignInSession.waits_until).where(SignInSession.id == before.session_id)
        ).one_or_none()
        if row is not None and row.waits is not None:
            values |= {"waits": row.waits, "waits_until": row.waits_until}
    return values


def enter_identity(request: Request, identity: Identity, following: str = "/") -> Response:
    """Sign in whoever *identity* is, by the rules of its provider; or say why not.

    Finds the account that the provider's subject is tied to. For somebody new the provider's
    :class:`~plein.contributions.SignInMethod` says whether an account is made, or the one with the same login is used;
    an e-mail address never finds an account. Works on a GET too, when ``request.db`` was not used before.

    :param following: where to go then; an address of another site becomes the start page.
    :raises LookupError: for a provider that is no sign-in method.
    """
    method = methods(request.registry)[identity.provider]
    begin_writing(request)
    settings = request.plein
    service = IdentityService(
        request.db, day=today(settings["plein.time_zone"]), local_only=settings["plein.local_only_logins"]
    )
    try:
        user = service.person(identity, method)
    except NotAdmitted as refusal:
        note_refusal(request, refusal.reason, method=method.name, user_id=refusal.user_id)
        response = render_to_response(REFUSED, {"sentence": refusal.sentence, "next": safe_next(following)}, request)
        response.status_code = 403
        return response
    response = enter(request, user, following, method=method.name, identity=identity)
    request.registry.notify(IdentityEntered(request, user, identity))
    return response


def end_sessions(db: Session, provider: str, subject: str | None = None, session: str | None = None) -> int:
    """End the sessions that came by *provider*, because it says so; gives how many there were.

    :param subject: of this person; every device of theirs that came by the provider.
    :param session: only what the provider calls this session.
    :raises ValueError: where neither is given.
    """
    if not subject and not session:
        raise ValueError("name a subject or a session: not everybody is to be signed out")
    which = [SignInSession.provider == provider]
    if session:
        which.append(SignInSession.provider_session == session)
    if subject:
        of_subject = select(UserIdentity.user_id).where(
            UserIdentity.provider == provider, UserIdentity.subject == subject
        )
        which.append(SignInSession.user_id.in_(of_subject))
    ended = db.execute(select(SignInSession.id, SignInSession.user_id).where(*which)).all()
    if ended:
        db.execute(delete(SignInSession).where(SignInSession.id.in_([row.id for row in ended])))
    for user_id in {row.user_id for row in ended}:
        record(db, "session.ended", "user", user_id, reason="provider", provider=provider)
    return len(ended)
