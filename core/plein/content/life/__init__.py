"""The life of an item: when it appears and ends, who approves it, the archive, copies and locks."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    pass
