"""Whether items are still true: owners, review dates, reports by readers, and how often they are read."""

from typing import Any

from pyramid.config import Configurator
from pyramid.events import NewResponse
from pyramid.request import Request
from sqlalchemy.orm import Session

from plein.content.freshness import blocks
from plein.content.freshness.leaving import hand_over
from plein.content.freshness.notifications import NOTIFICATIONS
from plein.content.freshness.permissions import PERMISSIONS
from plein.content.freshness.personal import PERSONAL_DATA
from plein.content.freshness.reads import ReadCounter, note_read, sum_up
from plein.content.freshness.reviewing import on_change
from plein.content.freshness.stages import remind
from plein.contributions import Action, Block, ContentChange, Job, NotificationType, Permission, PersonalData
from plein.hookspecs import hookimpl
from plein.web.i18n import _


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job("freshness.popularity", sum_up, _("Sum up how often pages are read"), at="03:20", lane="slow"),
        Job("freshness.remind", remind, _("Remind people of pages that must be checked"), at="04:00", lane="slow"),
        Job("freshness.handover", hand_over, _("Hand over pages of people who left"), at="03:40", lane="slow"),
    ]


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def register_notifications() -> list[NotificationType]:
    return list(NOTIFICATIONS)


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def on_content_changed(db: Session, change: ContentChange) -> None:
    on_change(db, change)


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    if slot == "content.banner":
        return blocks.banner(request, context)
    if slot == "content.meta":
        return blocks.meta(request, context)
    return blocks.home(request) if slot == "home.main" else []


@hookimpl
def content_actions(request: Request, item: Any) -> list[Action]:
    return blocks.actions(request, item)


def includeme(config: Configurator) -> None:
    config.remember("plein.reads", lambda registry: ReadCounter(registry["plein.engine"]))
    config.add_subscriber(note_read, NewResponse)
    config.include("plein.content.freshness.routes")
