"""Forged requests: two locks on every method that may change something.

The browser says where a request comes from (``Sec-Fetch-Site``, ``Origin``, else ``Referer``), and that must be this
site, over plain http too. And the form brings a token that only a page of this site, made for this browser, can hold.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken
from pyramid.interfaces import ICSRFStoragePolicy, IViewDeriverInfo
from pyramid.request import Request
from pyramid.response import Response
from zope.interface import implementer

from plein.security.bodies import check_body
from plein.security.cookies import cookie_name, session_cookie, set_cookie
from plein.security.host import origin_of, site_origin

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

_PENDING = "plein.csrf_cookie"
_SESSION = "plein.csrf_session"


def use_session(request: Request, token: str) -> None:
    """The page of this answer belongs to the session of *token*, whose cookie goes with it."""
    request.environ[_SESSION] = token


def comes_from_here(request: Request) -> bool:
    """Whether the browser says that *request* was made by a page of this site.

    A browser that says nothing at all does not come through; programs that are no browser say ``Origin``.
    """
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin_of(origin) == site_origin(request.registry)
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        # "none" is an address typed or a bookmark: never a form.
        return bool(fetched == "same-origin")
    return origin_of(request.headers.get("Referer", "")) == site_origin(request.registry)


@implementer(ICSRFStoragePolicy)
class CSRFPolicy:
    """The token is a keyed hash of a secret that the browser holds in an HttpOnly cookie.

    Signed in that is the sign-in session, so a token ends with it. Before, it is a random cookie made for the purpose.
    """

    def __init__(self, secret: str) -> None:
        self._key = sha256(b"plein csrf\0" + secret.encode()).digest()

    def get_csrf_token(self, request: Request) -> str:
        return self._token(request, self._carrier(request) or self._new_carrier(request))

    def new_csrf_token(self, request: Request) -> str:
        """A token that no page had before. Signed in it is new with the next session."""
        if not request.viewer.is_signed_in:
            self._new_carrier(request)
        return self.get_csrf_token(request)

    def check_csrf_token(self, request: Request, supplied_token: str) -> bool:
        carrier = self._carrier(request)
        if not carrier or not isinstance(supplied_token, str):
            return False
        expected = self._token(request, carrier)
        return hmac.compare_digest(expected.encode(), supplied_token.encode("utf-8", "backslashreplace"))

    def _carrier(self, request: Request) -> str:
        if request.viewer.is_signed_in:
            return str(request.environ.get(_SESSION) or request.cookies.get(session_cookie(request.registry), ""))
        pending = request.environ.get(_PENDING)
        return str(pending or request.cookies.get(cookie_name(request.registry, "plein-csrf"), ""))

    def _new_carrier(self, request: Request) -> str:
        value = secrets.token_urlsafe(32)
        # In the environment: an error page may be made by another request object.
        request.environ[_PENDING] = value
        request.add_response_callback(_send_carrier)
        return value

    def _token(self, request: Request, carrier: str) -> str:
        kind = b"session\0" if request.viewer.is_signed_in else b"browser\0"
        return hmac.new(self._key, kind + carrier.encode("utf-8", "backslashreplace"), sha256).hexdigest()


def _send_carrier(request: Request, response: Response) -> None:
    registry = request.registry
    set_cookie(response, registry, cookie_name(registry, "plein-csrf"), request.environ[_PENDING])


def checked_origin(view: Any, info: IViewDeriverInfo) -> Any:
    """View deriver: refuse an unsafe request from elsewhere before its body is looked at; then check the body."""
    if info.exception_only or info.options.get("require_csrf") is False:
        return view

    def checked_view(context: Any, request: Request) -> Any:
        if request.method not in SAFE_METHODS:
            if not comes_from_here(request):
                raise BadCSRFOrigin("made by a page of another site, or it does not say where it comes from")
            check_body(request)
        return view(context, request)

    return checked_view


checked_origin.options = ("require_csrf",)  # type: ignore[attr-defined]

__all__ = ["FIELD", "HEADER", "SAFE_METHODS", "BadCSRFOrigin", "BadCSRFToken", "CSRFPolicy", "comes_from_here"]


def includeme(config: Configurator) -> None:
    secret = config.registry["plein.settings"]["plein.secret"]
    config.set_csrf_storage_policy(CSRFPolicy(secret))
    # Pyramid looks at the origin over https only; `checked_origin` always does.
    config.set_default_csrf_options(
        require_csrf=True, token=FIELD, header=HEADER, safe_methods=tuple(SAFE_METHODS), check_origin=False
    )
    config.add_view_deriver(checked_origin, name="checked_origin", under="declared_permission", over="secured_view")
