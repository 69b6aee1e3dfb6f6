"""Addresses that programs and people look for on every site: health, security contact, password, accessibility."""

from datetime import timedelta
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy import literal, select

from plein.db import utcnow
from plein.security.host import HEALTH_PATH, site_origin
from plein.security.permissions import PUBLIC


def health(request: Request) -> dict[str, str]:
    """Whether this process answers and reaches its database; nothing about versions or people.

    A database that does not answer becomes 503 by the error view.
    """
    with request.registry["plein.engine"].connect() as connection:
        connection.execute(select(literal(1))).scalar_one()
    return {"status": "ok"}


def security_txt(request: Request) -> Response:
    """Where to report a weakness (RFC 9116): ``plein.contact``, or the page that says who keeps this site."""
    origin = site_origin(request.registry)
    contact = request.plein["plein.contact"] or f"{origin}/accessibility"
    expires = (utcnow() + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: nl, en",
        f"Canonical: {origin}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", content_type="text/plain", charset="utf-8")


def change_password(request: Request) -> Response:
    """Where password managers go to have a password changed (W3C "A Well-Known URL for Changing Passwords")."""
    return HTTPSeeOther(request.route_path("me.password"))


def accessibility(request: Request) -> dict[str, Any]:
    return {"contact": request.plein["plein.contact"]}


def includeme(config: Configurator) -> None:
    config.add_route("health", HEALTH_PATH, request_method=("GET", "HEAD"))
    config.add_view(health, route_name="health", permission=PUBLIC, renderer="json")
    config.add_route("security_txt", "/.well-known/security.txt", request_method=("GET", "HEAD"))
    config.add_view(security_txt, route_name="security_txt", permission=PUBLIC)
    config.add_route("change_password", "/.well-known/change-password", request_method=("GET", "HEAD"))
    config.add_view(change_password, route_name="change_password", permission=PUBLIC)
    config.add_route("accessibility", "/accessibility", request_method=("GET", "HEAD"))
    config.add_view(
        accessibility, route_name="accessibility", permission=PUBLIC, renderer="plein:templates/accessibility.pt"
    )
