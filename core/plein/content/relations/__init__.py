"""Relations: what links where, what belongs together, and addresses that changed."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from plein.content.relations import showing
from plein.contributions import Action, Block
from plein.hookspecs import hookimpl


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    return showing.see_also(request, context) if slot == "content.side" else []


@hookimpl
def content_actions(request: Request, item: Any) -> list[Action]:
    return showing.actions(request, item)


def includeme(config: Configurator) -> None:
    config.include("plein.content.relations.routes")
