"""Whom texts name: ``@login`` and ``@group:slug``. Kept with the item, shown by name, told when it is published."""

from sqlalchemy.orm import Session

from plein.content.mentions.keeping import MENTIONED, keep_mentions
from plein.content.mentions.personal import PERSONAL_DATA
from plein.contributions import ContentChange, NotificationType, PersonalData
from plein.hookspecs import hookimpl


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def register_notifications() -> list[NotificationType]:
    return [MENTIONED]


@hookimpl
def on_content_changed(db: Session, change: ContentChange) -> None:
    keep_mentions(db, change)
