"""People: accounts, sign-in, sessions and the directory."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    config.include("plein.people.sessions")
