"""Relations: what links where, what belongs together, and addresses that changed."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from plein.content.relations import showing
from plein.content.relations.broken_block import broken_block
from plein.content.relations.checking import JOBS
from plein.contributions import Action, Block, Job
from plein.hookspecs import hookimpl


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    if slot == "content.side":
        return showing.see_also(request, context)
    return broken_block(request, context) if slot == "space.side" else []


@hookimpl
def register_jobs() -> list[Job]:
    return list(JOBS)


@hookimpl
def content_actions(request: Request, item: Any) -> list[Action]:
    return showing.actions(request, item)


def includeme(config: Configurator) -> None:
    config.include("plein.content.relations.routes")
