"""Advice to writers, so that everybody can read what they write."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    pass
