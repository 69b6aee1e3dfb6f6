"""Start: the page that people open in the morning."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    config.add_route("home", "/")
    config.scan("plein.home.views")
    config.scan("plein.home.starting")
