"""Tags: what items are about, in words that people agree on."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    pass
