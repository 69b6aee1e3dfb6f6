"""Whom texts name: ``@login`` and ``@group:slug``. Kept with the item, shown by name, told when it is published."""

from pyramid.config import Configurator

import plein.content.mentions.models  # noqa: F401 - a table of the core
from plein.content.mentions.personal import PERSONAL_DATA
from plein.contributions import PersonalData
from plein.hookspecs import hookimpl


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


def includeme(config: Configurator) -> None:
    pass
