"""Content: one table for every type, who sees it, and all that a type gets for free."""

from pyramid.config import Configurator
from sqlalchemy.orm import Session

import plein.content.visibility  # noqa: F401 - puts the guard in force
from plein.content.personal import PERSONAL_DATA, replace_mentions
from plein.contributions import ErasedPerson, PersonalData
from plein.hookspecs import hookimpl


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def on_user_erased(db: Session, person: ErasedPerson) -> None:
    replace_mentions(db, person)


def includeme(config: Configurator) -> None:
    config.include("plein.content.routes")
