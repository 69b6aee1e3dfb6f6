"""Writing without losing anything: unsaved texts, who else is writing, conflicts, sections, templates."""

from pyramid.config import Configurator
from sqlalchemy.orm import Session

import plein.content.writing.guard  # noqa: F401 - puts the guard in force
from plein.content.writing import cowriters
from plein.content.writing.personal import PERSONAL_DATA
from plein.contributions import ContentChange, PersonalData
from plein.hookspecs import hookimpl


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def on_content_changed(db: Session, change: ContentChange) -> None:
    if change.item.state in ("published", "archived") and change.before.get("state", "draft") != change.item.state:
        cowriters.let_go(db, change.item)


def includeme(config: Configurator) -> None:
    pass
