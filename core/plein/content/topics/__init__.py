"""Tags: what items are about, in words that people agree on."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from plein.content.topics import jobs
from plein.content.topics.finding import most_used
from plein.content.topics.permissions import PERMISSIONS
from plein.contributions import Block, Job, Permission
from plein.hookspecs import hookimpl
from plein.web.i18n import _

_IN_SIDE = 12


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def register_jobs() -> list[Job]:
    return list(jobs.JOBS)


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    """Beside a search: the tags that are used most, as another way in."""
    if slot != "search.side":
        return []
    tags = most_used(request.db, _IN_SIDE)
    return [Block(_("Tags"), "plein:templates/tags/side.pt", {"tags": tags}, weight=50)] if tags else []


def includeme(config: Configurator) -> None:
    config.include("plein.content.topics.routes")
