"""The inbox: what happened, told to whom it concerns, in the way they chose."""

from datetime import timedelta
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.orm import Session

import plein.inbox.seeing  # noqa: F401 - puts the guard in force
from plein.content.models import Content
from plein.contributions import Block, ContentChange, ErasedPerson, Job, NotificationType, PersonalData
from plein.events import emit
from plein.hookspecs import hookimpl
from plein.inbox import mailing
from plein.inbox.blocks import item_block, waiting_block
from plein.inbox.delivering import deliver
from plein.inbox.personal import PERSONAL_DATA, forget_followed
from plein.inbox.tidying import tidy
from plein.web.i18n import _

NEW = NotificationType(
    "content.published",
    _("Something new where you follow"),
    _("${actor} wrote ${title}"),
    icon="file-plus",
    goes_to="members",
)
CHANGED = NotificationType(
    "content.saved",
    _("Something that you follow is changed"),
    _("${actor} changed ${title}"),
    icon="pencil",
    goes_to="followers",
    several=_("${n} changes in ${title}"),
)


@hookimpl
def register_notifications() -> list[NotificationType]:
    return [NEW, CHANGED]


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job("inbox.deliver", deliver, _("Tell people what happened")),
        Job("inbox.due", mailing.due, _("See whose mail is due"), every=timedelta(minutes=1)),
        Job("inbox.mail", mailing.mail, _("Write mail about what happened")),
        Job("inbox.tidy", tidy, _("Forget what was read long ago"), every=timedelta(days=1)),
    ]


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def on_user_erased(db: Session, person: ErasedPerson) -> None:
    forget_followed(db, person)


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    if slot == "home.main":
        return waiting_block(request)
    return item_block(request, context.item) if slot == "content.meta" else []


@hookimpl
def on_content_changed(db: Session, change: ContentChange) -> None:
    """What is published or changed is told to followers; a minor change to nobody."""
    item: Content = change.item
    if change.minor or item.state != "published":
        return
    if change.action == "published" or change.action == "created":
        emit(db, NEW.name, actor_id=change.actor.user_id, content_id=item.id, key=f"content.published {item.id}")
    elif change.action in ("saved", "renamed"):
        emit(db, CHANGED.name, actor_id=change.actor.user_id, content_id=item.id)


def includeme(config: Configurator) -> None:
    config.include("plein.inbox.routes")
