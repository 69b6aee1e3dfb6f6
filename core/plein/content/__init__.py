"""Content: one table for every type, who sees it, and all that a type gets for free."""

from pyramid.config import Configurator

import plein.content.visibility  # noqa: F401 - puts the guard in force


def includeme(config: Configurator) -> None:
    config.include("plein.content.routes")
