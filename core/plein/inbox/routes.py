"""Addresses of the inbox."""

from pyramid.config import Configurator

_ROUTES = (("inbox.follow", "/inbox/follow"),)

_MODULES = ("follow_views",)


def includeme(config: Configurator) -> None:
    for name, address in _ROUTES:
        config.add_route(name, address)
    config.include("plein.inbox.follow_views")
    for module in _MODULES:
        config.scan(f"plein.inbox.{module}")
