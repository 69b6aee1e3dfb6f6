"""The headers that make a browser careful, on every answer: pages, errors, redirects, downloads, 304.

The tween is the outermost one, so it is also the net under the whole application: what nothing else caught becomes
an error page here.
"""

from collections.abc import Callable
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPException
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW, INGRESS
from pyramid_retry import is_error_retryable

from plein.security.host import is_https
from plein.security.traces import trace

log = structlog.get_logger(__name__)

Handler = Callable[[Request], Response]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "manifest-src 'self'",
        "worker-src 'self'",
    )
)

#: For what people uploaded: a view that sends a file sets this itself, and it is kept.
FILE_SECURITY_POLICY = "sandbox; default-src 'none'"

_FEATURES_OFF = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "usb",
    "xr-spatial-tracking",
)  # fmt: skip

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Passkeys are asked for by our own pages only; that is what they are without a word here, too.
    "Permissions-Policy": ", ".join(
        [*(f"{feature}=()" for feature in _FEATURES_OFF), "publickey-credentials-get=(self)"]
    ),
}

#: One year, in seconds.
STRICT_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"


def headers_tween_factory(handler: Handler, registry: Any) -> Handler:
    headers = dict(HEADERS)
    if is_https(registry):
        headers["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
    ours = [(name.casefold(), name, value) for name, value in headers.items()]

    def headers_tween(request: Request) -> Response:
        response = _finished(request, _answer(request, handler))
        # The plain list: WebOb's dictionary walks through it for every name.
        found = {name.casefold(): value for name, value in response.headerlist}
        response.headerlist += [(name, value) for key, name, value in ours if key not in found]
        _keep_private(response, found)
        return response

    return headers_tween


def _answer(request: Request, handler: Handler) -> Response:
    try:
        return handler(request)
    except HTTPException as error:
        return _error_page(request, error)
    except Exception as error:
        if is_error_retryable(request, error):
            raise
        return _error_page(request, error)


def _error_page(request: Request, error: Exception) -> Response:
    """The page for *error*. When making that fails too: a few words that depend on nothing."""
    try:
        return request.invoke_exception_view((type(error), error, error.__traceback__))
    except Exception as another:
        log.error("error.page_failed", exception=trace(error), then=trace(another))
        return Response("Plein: something went wrong.\n", status=500, content_type="text/plain", charset="utf-8")


def _finished(request: Request, response: Response) -> Response:
    """Decide on 304 and on ranges now: WebOb would drop our headers when it does so later."""
    if not response.conditional_response:
        return response
    status, headers, body = request.call_application(response)
    return Response(status=status, headerlist=list(headers), app_iter=body)


def _keep_private(response: Response, found: dict[str, str]) -> None:
    """What was made for one person is stored by no cache. An answer says ``public`` to be shared.

    :param found: the headers that the answer came with, by name in small letters.
    """
    keep = found.get("cache-control", "")
    if not keep or "set-cookie" in found:
        response.headers["Cache-Control"] = keep = "no-store"
    vary = found.get("vary", "")
    if "public" not in keep and "cookie" not in vary.casefold():
        response.headers["Vary"] = f"{vary}, Cookie" if vary else "Cookie"


def includeme(config: Configurator) -> None:
    config.add_tween(
        "plein.security.headers.headers_tween_factory",
        under=INGRESS,
        over=["plein.security.host.host_tween_factory", "pyramid_tm.tm_tween_factory", EXCVIEW],
    )
