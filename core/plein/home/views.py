"""Start: my spaces, what changed where I may look, what plugins add, and on a first visit what to do first."""

from datetime import datetime
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config
from translationstring import TranslationString

from plein.content.reading import recent
from plein.db import utcnow
from plein.security.permissions import SIGNED_IN
from plein.spaces import words
from plein.spaces.invitations import waiting_for
from plein.spaces.joining import asked_of
from plein.spaces.permissions import CREATE
from plein.spaces.services import SpaceService
from plein.web.blocks import blocks
from plein.web.i18n import _, time_zone

SPACES = 8
CHANGES = 10


@view_config(route_name="home", request_method="GET", permission=SIGNED_IN, renderer="plein:templates/home.pt")
def home(request: Request) -> dict[str, Any]:
    """The signed-in person's own start; whoever is not signed in is sent to do that."""
    spaces = SpaceService(request.db, request.viewer).page(mine=True, size=SPACES)
    types = request.plugins.content_types
    return {
        "greeting": greeting(request.viewer.name, utcnow().astimezone(time_zone(request))),
        "spaces": spaces,
        "words": words,
        "invitations": waiting_for(request.db, request.viewer),
        "asked": asked_of(request.db, request.viewer) if request.viewer.kind == "person" else [],
        "changes": [row for row in recent(request.db, size=CHANGES) if row.type in types],
        "types": types,
        "blocks": blocks(request, "home.main"),
        "side": blocks(request, "home.side"),
        # Whoever belongs to a space has found the way.
        "first_steps": [] if spaces.cards else first_steps(request),
    }


def greeting(name: str, now: datetime) -> TranslationString:
    """A word that fits the hour, and the first word of the name.

    :param now: in the time zone of the site.
    """
    mapping = {"name": name.split()[0] if name.split() else name}
    if now.hour < 6 or now.hour >= 18:
        return _("Good evening, ${name}", mapping=mapping)
    if now.hour < 12:
        return _("Good morning, ${name}", mapping=mapping)
    return _("Good afternoon, ${name}", mapping=mapping)


def first_steps(request: Request) -> list[dict[str, Any]]:
    """Three things to do on a first visit, as title, text, url and icon."""
    look_around = {
        "title": _("Look around"),
        "text": _("See which spaces there are, and join what is yours."),
        "url": request.route_path("space.list"),
        "icon": "layout-grid",
    }
    people = {
        "title": _("Find your colleagues"),
        "text": _("See who is here, and what they are called."),
        "url": request.route_path("people.list"),
        "icon": "users",
    }
    preferences = {
        "title": _("Make it yours"),
        "text": _("Choose your language, light or dark, and the size of the text."),
        "url": request.route_path("me.preferences"),
        "icon": "adjustments",
    }
    start = {
        "title": _("Start the first space"),
        "text": _("For your team, or for what everybody should know."),
        "url": request.route_path("space.new"),
        "icon": "plus",
    }
    if request.viewer.is_admin and request.has_permission(CREATE):
        return [start, look_around, preferences]
    if request.viewer.kind == "guest":
        return [preferences]
    return [look_around, people, preferences]
