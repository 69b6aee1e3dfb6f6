"""How Plein looks and listens for one person: light or dark, larger text, keyboard shortcuts on or off.

Kept in a cookie, because it belongs to the device: dark on the telephone, large on the wall.
"""

from dataclasses import dataclass

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNoContent, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response

from plein.security.permissions import PUBLIC
from plein.security.redirects import safe_path
from plein.web.language import keep

COOKIE = "plein-look"

#: Each choice with its values; the first is what applies to who never chose.
CHOICES = {
    "theme": ("auto", "light", "dark"),
    "text": ("normal", "large", "larger"),
    "spacing": ("normal", "wide"),
    "keys": ("on", "off"),
}


@dataclass(frozen=True, slots=True)
class Appearance:
    """One value per choice; becomes ``data-…`` attributes of the html element."""

    theme: str = "auto"
    text: str = "normal"
    spacing: str = "normal"
    keys: str = "on"


def appearance(request: Request) -> Appearance:
    """What the cookie says; anything unknown in it counts as never chosen."""
    stored = dict(pair.partition(":")[::2] for pair in request.cookies.get(COOKIE, "").split("."))
    return Appearance(**{name: stored[name] for name, known in CHOICES.items() if stored.get(name) in known})


def keep_look(request: Request, response: Response, **chosen: str) -> None:
    """Keep these choices in the browser; those not named stay as they are."""
    kept = {name: chosen.get(name, getattr(request.appearance, name)) for name in CHOICES}
    keep(request, response, COOKIE, ".".join(f"{name}:{value}" for name, value in kept.items()))


def choose(request: Request) -> Response:
    """Form fields: any of the choices, and ``next``. Choices not named stay as they are."""
    chosen = {name: request.POST[name] for name, known in CHOICES.items() if request.POST.get(name) in known}
    answer = HTTPSeeOther(safe_path(request.POST["next"])) if "next" in request.POST else HTTPNoContent()
    keep_look(request, answer, **chosen)
    return answer


def includeme(config: Configurator) -> None:
    config.add_request_method(appearance, reify=True)
    config.add_route("me.appearance", "/me/appearance", request_method="POST")
    config.add_view(choose, route_name="me.appearance", permission=PUBLIC, while_looking=True)
