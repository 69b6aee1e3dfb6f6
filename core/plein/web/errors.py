"""Error pages: what happened, what is kept, what to do, and a reference that the log knows too.

Never a traceback. A page for something that broke inside depends on nothing that may have broken with it: no
database, no viewer, no layout.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken
from pyramid.httpexceptions import HTTPError, HTTPForbidden, HTTPSeeOther, HTTPUnauthorized
from pyramid.i18n import make_localizer
from pyramid.interfaces import ILocalizer, ITranslationDirectories
from pyramid.renderers import render
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from translationstring import TranslationString

from plein.blobs.errors import BlobsAway, NoRoom, is_full
from plein.security.csrf import SAFE_METHODS, comes_from_here
from plein.security.limits import BusyError
from plein.security.traces import trace
from plein.web.error_texts import TEXTS, ErrorText, text_of
from plein.web.forms import is_secret
from plein.web.i18n import COOKIE, LANGUAGES, _

log = structlog.get_logger(__name__)

PAGE = "plein:templates/error.pt"
BARE_PAGE = "plein:templates/error_bare.pt"

#: Seconds after which asking again makes sense when the database was busy.
RETRY_AFTER = "5"


@dataclass(frozen=True, slots=True)
class KeptField:
    """Something that was typed into a form which could not be accepted."""

    name: str
    value: str

    @property
    def is_long(self) -> bool:
        return len(self.value) > 60 or "\n" in self.value


def kept_fields(request: Request) -> list[KeptField]:
    """What was typed, without passwords, tokens and files. Empty where the form cannot be read."""
    try:
        items = list(request.POST.items())
    except (ValueError, UnicodeDecodeError):
        return []
    return [KeptField(name, value) for name, value in items if isinstance(value, str) and not is_secret(name)]


def _texts(request: Request) -> list[KeptField]:
    """Texts that somebody wrote and sent from a page of this site, so that an hour of work can be copied and kept."""
    if request.method in SAFE_METHODS or not comes_from_here(request):
        return []
    return [one for one in kept_fields(request) if one.is_long]


def new_reference() -> str:
    """Eight signs that are easily read over the telephone: no vowels, nothing that looks like another sign."""
    return "".join(secrets.choice("23456789bcdfghjkmnpqrstvwxz") for _sign in range(8))


def error_page(request: Request, status: int, text: ErrorText | None = None, **values: Any) -> Response:
    """The answer for *status*, as a page or as problem+json (RFC 9457) for programs.

    :param text: what to say; by default what belongs to the status.
    :param values: ``detail`` (a sentence more), ``kept`` (fields to send again), ``sign_in`` (address), ``error``.
    """
    text = text or text_of(status)
    reference = new_reference()
    error = values.pop("error", None)
    if status >= 500:
        exception = trace(error) if error is not None else None
        log.error("request.failed", reference=reference, status=status, path=_path(request), exception=exception)
        # Nothing here may ask the database: what was typed comes back from the request itself.
        values.setdefault("kept", _texts(request))
    else:
        reason = getattr(error, "detail", None) or (str(error) if error is not None else "")
        log.info("request.refused", reference=reference, status=status, path=_path(request), reason=str(reason))
    values = {"detail": None, "kept": [], "sign_in": None, **values}
    if _wants_json(request):
        return _problem(request, status, text, reference, values["detail"])
    names = {"status": status, "text": text, "reference": reference, "context": None, **values}
    return Response(_html(request, status, names), status=status, content_type="text/html", charset="utf-8")


def _path(request: Request) -> str:
    """The path as text, whatever bytes it is made of."""
    return str(request.environ.get("PATH_INFO", "")).encode("latin-1", "replace").decode("utf-8", "replace")


def _html(request: Request, status: int, names: dict[str, Any]) -> str:
    if status < 500 and request.environ.get("tm.active"):
        # Refused before the page was found there is no context yet; menus ask what the viewer may in it.
        request.context = getattr(request, "context", None)
        try:
            return str(render(PAGE, names, request))
        except Exception as error:
            log.error("error.layout_failed", reference=names["reference"], exception=trace(error))
    return _bare(request, names)


def _bare(request: Request, names: dict[str, Any]) -> str:
    locale = _language(request)
    translate = _localizer(request, locale).translate
    # No request: rendering with one asks for the viewer, and that asks the database.
    own = {
        "t": translate,
        "locale": locale,
        "style": _style(request),
        "start": _("To the start page"),
        "typed": _("What you typed"),
        "reference_label": _("Reference for your administrator:"),
    }
    return str(render(BARE_PAGE, {**names, **own}))


def _style(request: Request) -> str | None:
    static = request.registry.get("plein.static")
    return str(static.url("css/plein.css")) if static is not None else None


def _language(request: Request) -> str:
    """As :func:`plein.web.i18n.negotiate`, without asking who looks."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    default = request.registry["plein.settings"]["plein.default_locale"]
    return str(request.accept_language.lookup(tuple(LANGUAGES), default=default))


def _localizer(request: Request, locale: str) -> Any:
    registry = request.registry
    return registry.queryUtility(ILocalizer, name=locale) or make_localizer(
        locale, registry.queryUtility(ITranslationDirectories, default=[])
    )


def _wants_json(request: Request) -> bool:
    offers = request.accept.acceptable_offers(["text/html", "application/problem+json", "application/json"])
    return bool(offers) and offers[0][0] != "text/html"


def _problem(
    request: Request, status: int, text: ErrorText, reference: str, detail: TranslationString | None
) -> Response:
    translate = _localizer(request, _language(request)).translate
    body = {
        "type": "about:blank",
        "title": translate(text.title),
        "status": status,
        "detail": translate(detail or text.happened),
        "instance": f"urn:plein:reference:{reference}",
    }
    return Response(
        json.dumps(body, ensure_ascii=False).encode(), status=status, content_type="application/problem+json"
    )


def http_error(error: HTTPError, request: Request) -> Response:
    """Whatever a view or the router answered with: 400, 404, 405, 409, 413, 429, 503 …

    A sentence is shown only when it was meant for people (a TranslationString); Pyramid's own are not.
    """
    detail = error.detail if isinstance(error.detail, TranslationString) else None
    response = error_page(request, error.status_code, detail=detail, error=error)
    for name in ("Retry-After", "Allow"):
        if name in error.headers:
            response.headers[name] = error.headers[name]
    return response


def forbidden(error: HTTPForbidden, request: Request) -> Response:
    """Not allowed; or not signed in, and then the way is by signing in and back here."""
    if request.viewer.is_signed_in:
        detail = error.detail if isinstance(error.detail, TranslationString) else _of_archive(request)
        # Somebody who wrote for an hour may have lost the right meanwhile, but not the text.
        kept = kept_fields(request) if request.method not in SAFE_METHODS and comes_from_here(request) else []
        return error_page(request, 403, detail=detail, error=error, kept=[one for one in kept if one.is_long])
    sign_in = request.route_path("sign_in")
    if _wants_json(request):
        return error_page(request, 401, error=error)
    if request.method in SAFE_METHODS:
        return HTTPSeeOther(request.route_path("sign_in", _query={"next": request.path_qs}))
    kept = kept_fields(request) if comes_from_here(request) else []
    return error_page(request, 403, TEXTS["signed_out"], error=error, kept=kept, sign_in=sign_in)


def _of_archive(request: Request) -> TranslationString | None:
    """The sentence for whoever tried to add to an archived space."""
    space = getattr(getattr(request, "context", None), "space", None)
    if request.method in SAFE_METHODS or getattr(space, "archived_at", None) is None:
        return None
    return _("This space is archived: everybody can read it, and nobody can add to it.")


def forged(error: BadCSRFToken, request: Request) -> Response:
    """The form's token is not of this browser: mostly a form that stood open while its session ended.

    It can be sent again when the browser says that our own page made it; otherwise nothing of it is shown.
    """
    if not comes_from_here(request):
        return error_page(request, 403, TEXTS["elsewhere"], error=error)
    if request.viewer.is_signed_in:
        return error_page(request, 403, TEXTS["old_form"], error=error, kept=kept_fields(request))
    sign_in = None if request.path == request.route_path("sign_in") else request.route_path("sign_in")
    text = TEXTS["signed_out"] if sign_in else TEXTS["old_form"]
    return error_page(request, 403, text, error=error, kept=kept_fields(request), sign_in=sign_in)


def from_elsewhere(error: BadCSRFOrigin, request: Request) -> Response:
    return error_page(request, 403, TEXTS["elsewhere"], error=error)


def unreadable(error: UnicodeDecodeError, request: Request) -> Response:
    """An address or a form that is not UTF-8."""
    return error_page(request, 400, error=error)


def busy(error: Exception, request: Request) -> Response:
    """The database does not answer, or is locked: come back soon. Or its disk is full."""
    if "disk is full" in str(getattr(error, "orig", "")) or "No space left" in str(getattr(error, "orig", "")):
        return error_page(request, 507, error=error)
    response = error_page(request, 503, error=error)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def files_away(error: BlobsAway, request: Request) -> Response:
    """The store of files does not answer."""
    response = error_page(request, 503, TEXTS["files_away"], error=error)
    response.headers["Retry-After"] = "60"
    return response


def full(error: Exception, request: Request) -> Response:
    """No room is left for what was sent; other troubles of the operating system are :func:`broken`."""
    if isinstance(error, NoRoom) or is_full(error):
        return error_page(request, 507, error=error)
    return broken(error, request)


def broken(error: Exception, request: Request) -> Response:
    """Something we did not think of. The traceback goes to the log only."""
    return error_page(request, 500, error=error)


def includeme(config: Configurator) -> None:
    for context, view in (
        (Exception, broken),
        (HTTPError, http_error),
        (HTTPForbidden, forbidden),
        (HTTPUnauthorized, forbidden),
        (BadCSRFToken, forged),
        (BadCSRFOrigin, from_elsewhere),
        (UnicodeDecodeError, unreadable),
        (OperationalError, busy),
        (InterfaceError, busy),
        (PoolTimeoutError, busy),
        (BusyError, busy),
        (BlobsAway, files_away),
        (NoRoom, full),
        (OSError, full),
    ):
        config.add_exception_view(view, context=context)
