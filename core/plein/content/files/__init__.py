"""Files and pictures of items: where they are kept, their sizes, and the words in them."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    pass
