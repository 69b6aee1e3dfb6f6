"""The glossary: the words and abbreviations of the organisation, explained where a text uses them."""

from pyramid.config import Configurator

import plein.content.glossary.models  # noqa: F401 - a table of the core


def includeme(config: Configurator) -> None:
    pass
