"""The life of an item: when it appears and ends, who approves it, the archive, copies and locks."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from plein.content.approving import BY, NEEDED, SUGGESTIONS
from plein.content.life import mine, shown, visibility  # noqa: F401 - visibility puts the rule about proposals in force
from plein.content.life.acts import ACTS
from plein.content.life.bulk import BULK
from plein.content.life.due import JOBS
from plein.content.life.form_part import LifePart
from plein.content.life.notices import NOTIFICATIONS
from plein.content.life.pages import PAGES
from plein.content.life.personal import PERSONAL_DATA
from plein.contributions import Action, Block, Job, NavigationItem, NotificationType, PersonalData
from plein.hookspecs import hookimpl
from plein.security.permissions import SIGNED_IN
from plein.web.i18n import _


@hookimpl
def register_jobs() -> list[Job]:
    return list(JOBS)


@hookimpl
def register_notifications() -> list[NotificationType]:
    return list(NOTIFICATIONS)


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    if slot == "content.banner":
        return shown.banner(request, context)
    if slot == "content.meta":
        return shown.meta(context)
    return mine.waiting_block(request) if slot == "home.main" else []


@hookimpl
def navigation_items(request: Request) -> list[NavigationItem]:
    return [NavigationItem(_("My writing"), request.route_path("me.writing"), icon="writing", weight=-10)]


@hookimpl
def content_actions(request: Request, item: Any) -> list[Action]:
    return shown.actions(request, item)


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
    for policy in (NEEDED, BY, SUGGESTIONS):
        config.add_policy(policy)
    config.add_form_part(LifePart())
    for action in BULK:
        config.add_bulk_action(action)
    config.add_item_pages(*PAGES)
    config.include("plein.content.life.refused")
    config.add_route("me.writing", "/me/writing")
    config.add_view(
        mine.writing,
        route_name="me.writing",
        permission=SIGNED_IN,
        request_method="GET",
        renderer="plein:templates/content/life/mine.pt",
    )
