"""Short messages about what was just done, shown once on the next page, with a way to undo it.

They travel in a signed cookie of a few minutes, so that no page has to write to a session to read one.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

COOKIE = "plein-notices"
SECONDS = 300
#: Browsers keep about 4 kB in a cookie; what is beyond is dropped, the newest first to stay.
LIMIT = 3000
KINDS = ("done", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Notice:
    """:param undo: a URL to POST to, or a mapping with ``url``, ``label`` and ``values`` (hidden fields)."""

    message: str
    kind: str = "done"
    undo: dict[str, Any] | None = field(default=None)


def _key(request: Request) -> bytes:
    secret = str(request.plein["plein.secret"])
    return hashlib.sha256(b"plein.notices\0" + secret.encode()).digest()


def _seal(request: Request, notices: list[Notice]) -> str:
    kept = list(notices)
    while True:
        body = urlsafe_b64encode(json.dumps([asdict(one) for one in kept], separators=(",", ":")).encode()).decode()
        if len(body) <= LIMIT or not kept:
            break
        kept.pop(0)
    return f"{hmac.new(_key(request), body.encode(), hashlib.sha256).hexdigest()}.{body}"


def _open(request: Request, sealed: str) -> list[Notice]:
    mark, _, body = sealed.partition(".")
    expected = hmac.new(_key(request), body.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(mark.encode(), expected.encode()):
        return []
    return [Notice(**one) for one in json.loads(urlsafe_b64decode(body))]


def notice(request: Request, message: str, kind: str = "done", undo: str | dict[str, Any] | None = None) -> None:
    """Show *message* on the next page. *undo* is where the undo button posts to.

    :param message: a text or TranslationString; translated now.
    :param kind: done, info, warning or error.
    """
    if kind not in KINDS:
        raise ValueError(f"a notice is one of {', '.join(KINDS)}, not {kind}")
    undo = {"url": undo} if isinstance(undo, str) else undo
    request.pending_notices.append(Notice(request.localizer.translate(message), kind, undo))


def _pending(request: Request) -> list[Notice]:
    """Notices added while handling this request; sent along with its answer unless shown in it."""
    request.add_response_callback(_send)
    return []


def _send(request: Request, response: Response) -> None:
    if request.pending_notices:
        response.set_cookie(
            COOKIE,
            _seal(request, request.pending_notices),
            max_age=SECONDS,
            httponly=True,
            secure=request.scheme == "https",
            samesite="Lax",
        )


def take_notices(request: Request) -> list[Notice]:
    """What is to be shown on this page, once: from the cookie and from this very request."""
    found: list[Notice] = []
    if COOKIE in request.cookies:
        found = _open(request, request.cookies[COOKIE])
        request.add_response_callback(lambda _, response: response.delete_cookie(COOKIE))
    if "pending_notices" in request.__dict__:
        found += request.pending_notices
        request.pending_notices.clear()
    return found


def includeme(config: Configurator) -> None:
    config.add_request_method(_pending, name="pending_notices", reify=True)
    config.add_request_method(notice)
