"""Writing without losing anything: unsaved texts, who else is writing, conflicts, sections, templates."""

from datetime import timedelta
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.orm import Session

import plein.content.writing.guard  # noqa: F401 - puts the guard in force
from plein.content.writing import cowriters, keeping, presence
from plein.content.writing.personal import PERSONAL_DATA
from plein.contributions import Action, Block, ContentChange, Job, PersonalData
from plein.hookspecs import hookimpl
from plein.spaces.permissions import MANAGE
from plein.web.i18n import _


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job("writing.clean", keeping.clean, _("Forget texts that nobody came back for"), every=timedelta(hours=6)),
        Job("writing.presence", presence.clean, _("Forget who was writing"), every=timedelta(minutes=10)),
    ]


@hookimpl
def on_content_changed(db: Session, change: ContentChange) -> None:
    # Only when it stops being a draft: a save of what people read already asks nothing.
    was = change.before.get("state", "draft" if change.action == "created" else change.item.state)
    if change.item.state in ("published", "archived") and was != change.item.state:
        cowriters.let_go(db, change.item)


@hookimpl
def content_actions(request: Request, item: Any) -> list[Action]:
    if not request.has_permission(MANAGE):
        return []
    query = {"type": item.type, "from": item.slug}
    url = request.route_path("space.item_templates.new", space=request.context.space.slug, _query=query)
    return [Action(_("Make a template of this"), url, icon="template", weight=70)]


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    if slot != "content.banner" or not request.plein["plein.presence"]:
        return []
    values = {"url": context.url("editors"), "mode": "view"}
    return [Block(_("Who else is writing"), "plein:templates/content/writing/presence.pt", values, weight=90)]


def includeme(config: Configurator) -> None:
    config.include("plein.content.writing.routes")
