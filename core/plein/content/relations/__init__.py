"""How items hang together: links, what else to see, and addresses that changed."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    pass
