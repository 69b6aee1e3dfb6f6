"""Signing in with a passkey alone: it says who it is, and has checked its owner, so it is both factors at once."""

from typing import Any

import structlog
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from plein.audit import record
from plein.contributions import SignInMethod
from plein.people.entering import enter
from plein.people.models import User
from plein.people.second_factor.asking import apart, passkeys, site
from plein.people.second_factor.passkeys import ClonedPasskeyError, PasskeyError, Site
from plein.people.standing import is_active
from plein.security.limits import limit, place
from plein.security.permissions import PUBLIC
from plein.security.redirects import safe_path
from plein.settings import Settings
from plein.web.forms import WHOLE_FORM
from plein.web.i18n import _

log = structlog.get_logger(__name__)

PAGE = "plein:templates/second_factor/by_passkey.pt"

_TITLE = _("Sign in with a passkey")

#: An address stands for many people.
_WIDER = 5


def method(settings: Settings) -> list[SignInMethod]:
    """The way in, where browsers have passkeys for the site's address."""
    if not Site(settings["plein.base_url"], "").has_passkeys:
        return []
    return [SignInMethod("passkey", _TITLE, icon="key", route="sign_in.passkey", weight=50, updates=False)]


def _page(request: Request, following: Any, **more: Any) -> dict[str, Any]:
    return {"following": safe_path(following), "possible": site(request).has_passkeys, "errors": {}, **more}


@view_config(route_name="sign_in.passkey", request_method="GET", permission=PUBLIC, renderer=PAGE)
def show_passkey(request: Request) -> Any:
    if request.viewer.is_signed_in:
        return HTTPSeeOther(safe_path(request.GET.get("next")))
    return _page(request, request.GET.get("next"))


@view_config(route_name="sign_in.passkey.options", request_method="POST", permission=PUBLIC)
def passkey_options(request: Request) -> Response:
    limit(request, "sign_in", f"passkey {place(request)}", factor=_WIDER)
    return Response(passkeys(request).options_to_use("sign_in"), content_type="application/json", charset="utf-8")


@view_config(route_name="sign_in.passkey", request_method="POST", permission=PUBLIC, renderer=PAGE)
def sign_in_with_passkey(request: Request) -> Any:
    limit(request, "sign_in", f"passkey {place(request)}", factor=_WIDER, strict=True)
    following = request.POST.get("next")
    user_id = _answered_by(request)
    user = request.db.execute(select(User).where(User.id == user_id, is_active(User))).scalar_one_or_none()
    if user is None:
        request.response.status_code = 422
        sentence = _("This passkey does not sign in here. Use another one, or your name and password.")
        return _page(request, following, errors={WHOLE_FORM: sentence})
    return enter(request, user, safe_path(following), method="passkey", strong=True)


def _answered_by(request: Request) -> int | None:
    """Whose passkey it was; nobody's where anything about it is wrong."""
    credential: Any = request.POST.get("credential", "")
    with apart(request) as db:
        try:
            return passkeys(request, db).use("sign_in", credential if isinstance(credential, str) else "")
        except ClonedPasskeyError as error:
            record(
                db, "second_factor.refused", "user", error.user_id, result="refused", actor_id=error.user_id,
                reason="passkey copied",
            )  # fmt: skip
        except PasskeyError as error:
            record(db, "second_factor.refused", "session", result="refused", reason="passkey")
            log.info("passkey.refused", why=str(error), address=request.address)
    return None
