"""Puts the parts together once, at the start: a flow for each provider, and one way out for all of them."""

import time
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request

from plein_oidc.discovery import Published
from plein_oidc.flow import Flow
from plein_oidc.settings import build_providers
from plein_oidc.tokens import Verifier
from plein_oidc.wire import Wire


def flows(request: Request) -> dict[str, Flow]:
    """The flows of this site, by the name of their provider."""
    found: dict[str, Flow] = request.registry["plein_oidc.flows"]
    return found


def flow_of(request: Request) -> Flow:
    """That of the provider in the address.

    :raises HTTPNotFound: for a word that is no provider's.
    """
    found = flows(request).get(request.matchdict["provider"])
    if found is None:
        raise HTTPNotFound()
    return found


def address(settings: Any, route: str, provider: str) -> str:
    """A full address of ours as providers know it: by ``plein.base_url``, whatever host a request names."""
    return f"{settings['plein.base_url']}/oidc/{provider}/{route}"


def _make(registry: Any) -> dict[str, Flow]:
    settings = registry["plein.settings"]
    wire = Wire(timeout=settings["oidc.timeout"], proxy=settings["oidc.proxy"])
    skew, engine = settings["oidc.clock_skew"], registry["plein.engine"]
    return {
        name: Flow(
            engine,
            wire,
            Verifier(Published(provider, wire), skew=skew, clock=time.time),
            redirect_uri=address(settings, "callback", name),
        )
        for name, provider in build_providers(settings).items()
    }


def includeme(config: Configurator) -> None:
    config.remember("plein_oidc.flows", _make)
