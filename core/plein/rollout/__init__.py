"""Deciding who has which function: pages, steps and commands of the ladder, which itself is ``plein.ladder``."""

from datetime import timedelta
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from plein.contributions import Block, Job, NotificationType, Permission
from plein.hookspecs import hookimpl
from plein.rollout import blocks, due
from plein.rollout.notifications import NOTIFICATIONS
from plein.rollout.permissions import PERMISSIONS
from plein.web.i18n import _


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def register_notifications() -> list[NotificationType]:
    return list(NOTIFICATIONS)


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job("rollout.due", due.take_due, _("Take planned steps of functions"), every=timedelta(minutes=1)),
        Job("rollout.remind", due.remind, _("Remind people of pilots that end"), at="07:00"),
    ]


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    if slot == "home.main":
        return blocks.home(request)
    return blocks.banner(request, context) if slot == "content.banner" else []


def includeme(config: Configurator) -> None:
    config.add_request_method(blocks.retiring)
    config.include("plein.rollout.routes")
    config.include("plein.rollout.packages")
