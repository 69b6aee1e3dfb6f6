"""Is it still you? The page on which somebody proves that again, before an act of administration.

What they were doing waits with their session, without secrets and files, and goes on when they did.
"""

from datetime import timedelta
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select, update

from plein.audit import record
from plein.contributions import SignInMethod
from plein.db import utcnow
from plein.people.accounts import by_id, check_password
from plein.people.methods import methods
from plein.people.models import SignInSession
from plein.people.refusals import note_refusal
from plein.people.second_factor.service import has_factor
from plein.people.sessions import SessionService
from plein.security.cookies import session_cookie, set_cookie
from plein.security.csrf import FIELD, use_session
from plein.security.limits import limit
from plein.security.permissions import SIGNED_IN
from plein.security.redirects import safe_path
from plein.security.step_up import is_confirmed
from plein.web.forms import is_secret
from plein.web.i18n import _

log = structlog.get_logger(__name__)

PAGE = "plein:templates/sign_in/confirm.pt"
GO_ON = "plein:templates/sign_in/go_on.pt"

_SECOND = SignInMethod("second-step", _("Take the second step"), icon="shield-check", route="me.confirm.factor")

#: What waits is forgotten after so long.
KEEP = timedelta(minutes=15)

#: Characters of a form that waits; a longer one is to be sent again by hand.
MAX_KEPT = 64 * 1024


def ask_to_confirm(request: Request) -> Response:
    """Keep what is being done, and ask first. An act is a path and the fields of a form, nothing more."""
    fields: list[tuple[str, str]] = []
    left_out = False
    for name, value in request.POST.items():
        if name == FIELD:
            continue
        if isinstance(value, str) and not is_secret(name):
            fields.append((name, value))
        else:
            left_out = left_out or bool(value if isinstance(value, str) else getattr(value, "filename", ""))
    if sum(len(name) + len(value) for name, value in fields) > MAX_KEPT:
        fields, left_out = [], True
    came_from = request.referer or ""
    back = safe_path(came_from.removeprefix(request.host_url)) if came_from.startswith(request.host_url) else "/"
    _keep(request, {"path": safe_path(request.path_qs), "fields": fields, "left_out": left_out, "back": back})
    return HTTPSeeOther(request.route_path("me.confirm"))


def _keep(request: Request, waits: dict[str, Any] | None) -> None:
    mine = SignInSession.id == request.viewer.session_id
    values = {"waits": waits, "waits_until": utcnow() + KEEP if waits else None}
    request.db.execute(update(SignInSession).where(mine).values(values))


def _waits(request: Request) -> dict[str, Any] | None:
    """What is to go on after this, where that was a moment ago."""
    mine = (SignInSession.id == request.viewer.session_id, SignInSession.waits_until > utcnow())
    found: dict[str, Any] | None = request.db.execute(select(SignInSession.waits).where(*mine)).scalar_one_or_none()
    return found


@view_config(route_name="me.confirm", request_method="GET", permission=SIGNED_IN)
def show(request: Request) -> Response:
    """The question. Who comes back from a provider having answered it, has only to press on."""
    return _page(request, {})


@view_config(route_name="me.confirm", request_method="POST", permission=SIGNED_IN)
def by_password(request: Request) -> Response:
    if is_confirmed(request):
        return _go_on(request)
    limit(request, "sign_in", f"password of {request.viewer.user_id}", strict=True)
    account = by_id(request.registry["plein.engine"], request.viewer.user_id)
    if account is None:
        raise HTTPForbidden()
    password = request.POST.get("password", "")
    if not account.password_hash or not check_password(account, password):
        note_refusal(request, "password", method="password", user_id=account.id, action="session.not_confirmed")
        return _page(request, {"password": _("This is not your password.")})
    return confirm(request, method="password")


def confirm(request: Request, *, method: str, strong: bool = False) -> Response:
    """The viewer has just proved who they are: a new session, and on with what waits.

    For whatever else asks people for a proof, such as a second factor.

    :param method: how: ``password``, ``totp``, ….
    :param strong: it was a second factor.
    """
    viewer = request.viewer
    if viewer.user_id is None or viewer.session_id is None:
        raise HTTPForbidden()
    token = SessionService(request.db).renew(viewer.session_id, strong=strong)
    record(request.db, "session.confirmed", "user", viewer.user_id, method=method, strong=strong)
    log.info("session.confirmed", user=viewer.user_id, method=method)
    use_session(request, token)
    response = _go_on(request)
    set_cookie(response, request.registry, session_cookie(request.registry), token)
    return response


def _go_on(request: Request) -> Response:
    """The page that sends the form again, once. Where something is missing from it, the way back to it as well."""
    waits = _waits(request)
    if waits is None:
        return HTTPSeeOther("/")
    _keep(request, None)
    return render_to_response(GO_ON, {"waits": waits}, request)


def _page(request: Request, errors: dict[str, Any]) -> Response:
    account = by_id(request.registry["plein.engine"], request.viewer.user_id)
    values = {
        "errors": errors,
        "waits": _waits(request),
        "confirmed": is_confirmed(request),
        "has_password": bool(account and account.password_hash),
        "ways": _ways(request),
        "minutes": request.plein["plein.confirm_minutes"],
    }
    response = render_to_response(PAGE, values, request)
    response.status_code = 422 if errors else 200
    return response


def _ways(request: Request) -> list[SignInMethod]:
    """The second factor; and the provider that this session came by, where going there again proves something."""
    mine = select(SignInSession.provider).where(SignInSession.id == request.viewer.session_id)
    method = methods(request.registry).get(request.db.execute(mine).scalar_one_or_none() or "")
    found = [_SECOND] if has_factor(request.db, request.viewer.user_id or 0) else []
    return [*found, method] if method is not None and method.confirms else found


def includeme(config: Configurator) -> None:
    registry: Any = config.registry
    registry["plein.ask_to_confirm"] = ask_to_confirm
