"""Writing without losing anything: unsaved texts, who else is writing, conflicts, sections, templates."""

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    pass
