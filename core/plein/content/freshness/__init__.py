"""Whether items are still true: owners, review dates, reports by readers, and how often they are read."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    pass
