"""The language switch: works for everybody, and is remembered with the account of who signed in."""

from dataclasses import dataclass

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response

from plein.security.permissions import PUBLIC
from plein.security.redirects import safe_path
from plein.web.i18n import COOKIE, LANGUAGES, _

A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """An event: ``request.viewer`` chose *locale*. People subscribe to it to store it with the account."""

    request: Request
    locale: str


def keep(request: Request, response: Response, cookie: str, value: str) -> None:
    """Store a choice of looks or language in the browser for a year; it is no secret."""
    response.set_cookie(cookie, value, max_age=A_YEAR, httponly=True, secure=request.scheme == "https", samesite="Lax")


def choose(request: Request) -> Response:
    """Form fields: ``locale``, and ``next`` for the page to come back to."""
    locale = request.POST.get("locale")
    if locale not in LANGUAGES:
        raise HTTPBadRequest(_("Plein does not speak that language."))
    response = HTTPSeeOther(safe_path(request.POST.get("next")))
    keep(request, response, COOKIE, locale)
    request.registry.notify(LanguageChosen(request, locale))
    return response


def includeme(config: Configurator) -> None:
    config.add_route("me.language", "/me/language", request_method="POST")
    config.add_view(choose, route_name="me.language", permission=PUBLIC, while_looking=True)
