"""Signing in and out: by name and password, by what the request itself says, and the buttons for all other ways.

Every failure gives the same answer after the same work, so that nobody learns which names exist.
"""

from hashlib import sha256
from typing import Any

import structlog
from pyramid.exceptions import BadCSRFOrigin
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from plein.audit import record
from plein.mail import can_send
from plein.people.accounts import better_hash, by_login, check_password
from plein.people.entering import enter, enter_identity, safe_next
from plein.people.forms import SignInForm
from plein.people.methods import is_silent, methods
from plein.people.models import User
from plein.people.refusals import note_refusal
from plein.people.services import fold_login
from plein.people.sessions import SessionService
from plein.security.cookies import drop_cookie, session_cookie
from plein.security.csrf import comes_from_here
from plein.security.limits import limit, limiter, place
from plein.security.permissions import PUBLIC
from plein.security.redirects import safe_path
from plein.web.forms import WHOLE_FORM, Errors, parse, typed
from plein.web.i18n import _

log = structlog.get_logger(__name__)

FORM = "plein:templates/sign_in/form.pt"

#: An address or an account stands for more attempts than one account at one address.
_WIDER = 5


@view_config(route_name="sign_in", request_method="GET", permission=PUBLIC, renderer=FORM)
def show_methods(request: Request) -> Any:
    """Every way to sign in. Where the computer may say who somebody is, that is tried first, without asking."""
    following = safe_next(request.GET.get("next"))
    if request.viewer.is_signed_in:
        return HTTPSeeOther(following)
    if is_silent(request.registry) and "asked" not in request.GET:
        return HTTPSeeOther(request.route_path("sign_in.sso", _query={"next": following}))
    return _page(request, {"next": following}, {})


@view_config(route_name="sign_in.local", request_method="GET", permission=PUBLIC, renderer=FORM)
def show_form(request: Request) -> Any:
    """The form, always, and leading nowhere by itself: the way in when every provider fails."""
    following = safe_next(request.GET.get("next"))
    if request.viewer.is_signed_in:
        return HTTPSeeOther(following)
    return _page(request, {"next": following}, {}, folded=False)


@view_config(route_name="sign_in.no_ticket", request_method="GET", permission=PUBLIC, renderer=FORM)
def show_form_without_ticket(request: Request) -> Any:
    """What the proxy shows with its "401, do you have a ticket?": the form, for whose computer has none.

    The status must be 401 here too. With another one the proxy would take back its question.
    """
    request.response.status_code = 401
    return _page(request, {"next": safe_next(request.GET.get("next"))}, {}, folded=False)


@view_config(route_name="sign_in.sso", request_method="GET", permission=PUBLIC)
def sign_in_silently(request: Request) -> Response:
    """Sign in whoever the request itself says it is; otherwise on to the form, so that it never comes back here.

    Who is to prove it anew (``confirm=1``) is asked though they are signed in.
    """
    following = safe_next(request.GET.get("next"))
    if request.viewer.is_signed_in and "confirm" not in request.GET:
        return HTTPSeeOther(following)
    identity = request.plugins.first("authenticate", request=request)
    if identity is None:
        return HTTPSeeOther(page_to_sign_in(request, following))
    return enter_identity(request, identity, following)


def page_to_sign_in(request: Request, following: str = "/") -> str:
    """The address of the page to sign in, for who could not be signed in without being asked: it asks nobody again."""
    if request.plein["plein.sign_in_form"] == "folded":
        return str(request.route_path("sign_in", _query={"next": following, "asked": "1"}))
    return str(request.route_path("sign_in.local", _query={"next": following}))


def _page(request: Request, values: dict[str, Any], errors: Errors, *, folded: bool | None = None) -> dict[str, Any]:
    """:param folded: the form is a link; by default where there are other ways and the setting says so."""
    # A way whose plugin is off has no page that its button could lead to.
    ways = [way for way in methods(request.registry).values() if request.reach.has(way.route.partition(".")[0])]
    if folded is None:
        folded = bool(ways) and request.plein["plein.sign_in_form"] == "folded"
    return {"values": values, "errors": errors, "methods": ways, "folded": folded, "can_mail": can_send(request.plein)}


@view_config(route_name="sign_in", request_method="POST", permission=PUBLIC, renderer=FORM)
def sign_in(request: Request) -> Any:
    """By name and password. The name comes back to the form, the password does not."""
    form, _errors = parse(SignInForm, request.POST)
    if form is None or not form.login or not form.password:
        return _refused(request, _("Fill in your name and your password."))
    keys = _count_attempt(request, form.login)
    account = by_login(request.registry["plein.engine"], form.login)
    if not check_password(account, form.password) or account is None:
        note_refusal(request, "password", method="password", user_id=account.id if account is not None else None)
        return _refused(request, _("This name and this password do not belong together. Check both and try again."))
    _give_back(request, keys)
    new_hash = better_hash(account, form.password)
    # Only now the writing transaction: everything slow is done.
    user = request.db.execute(select(User).where(User.id == account.id, User.state == "active")).scalar_one_or_none()
    if user is None or user.password_hash != account.password_hash:
        return _refused(request, _("This name and this password do not belong together. Check both and try again."))
    if new_hash is not None:
        user.password_hash = new_hash
    return enter(request, user, safe_next(form.next), method="password")


def _refused(request: Request, sentence: Any) -> dict[str, Any]:
    request.response.status_code = 422
    values = {**typed(request.POST), "next": safe_next(request.POST.get("next"))}
    return _page(request, values, {WHOLE_FORM: sentence}, folded=False)


def _count_attempt(request: Request, login: str) -> tuple[str, str, str]:
    """Count before looking, so that many attempts at once are counted too. Gives the keys that were counted.

    The name is kept as a hash: people type their password there by mistake.
    """
    account = sha256(fold_login(login).encode()).hexdigest()[:32]
    keys = (f"{account} {place(request)}", f"account {account}", place(request))
    for key, factor in zip(keys, (1, _WIDER, _WIDER), strict=True):
        limit(request, "sign_in", key, factor=factor, strict=True)
    return keys


def _give_back(request: Request, keys: tuple[str, str, str]) -> None:
    """The right password: a whole building behind one address may come in at nine."""
    rates = limiter(request)
    rates.forget("sign_in", keys[0])
    for key in keys[1:]:
        rates.give_back("sign_in", key)


@view_config(route_name="sign_out", request_method="POST", permission=PUBLIC, require_csrf=False, while_looking=True)
def sign_out(request: Request) -> Response:
    """End this session. Needs no token: in a tab whose session has ended already it must simply work."""
    if not comes_from_here(request):
        raise BadCSRFOrigin("sign-out from elsewhere")
    viewer, goes_to = request.viewer, request.route_path("sign_in.local")
    if viewer.user_id is not None and viewer.session_id is not None:
        service = SessionService(request.db)
        provider, session = service.came_by(viewer.session_id)
        if provider:
            address = request.plugins.first("sign_out_address", request=request, provider=provider, session=session)
            goes_to = safe_path(address, goes_to)
        service.end(viewer.user_id, viewer.session_id)
        record(request.db, "session.ended", "user", viewer.user_id)
        log.info("sign_out.done", user=viewer.user_id)
    response = HTTPSeeOther(goes_to)
    drop_cookie(response, request.registry, session_cookie(request.registry))
    return response
