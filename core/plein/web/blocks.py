"""Blocks: the parts that plugins add to a page, rendered each by its own template, apart from one another."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from pyramid.renderers import render
from pyramid.request import Request

from plein.contributions import Block
from plein.hookspecs import SLOTS
from plein.web.html import Html


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block as a page inserts it: *title* is the heading, *html* what stands below it."""

    plugin: str
    title: str
    html: Html


def blocks(request: Request, slot: str, context: Any = None) -> list[ShownBlock]:
    """What plugins show in *slot* (see ``plein.hookspecs.page_items``), lowest weight first.

    A block whose template fails is logged, counted and left out, and so is one without anything in it. Administrators
    see that something is missing, in its place.

    :raises LookupError: for a place that is not documented.
    """
    if slot not in SLOTS:
        raise LookupError(f"There is no slot {slot}; known are {', '.join(SLOTS)}")
    answers = request.plugins.call("page_items", request=request, slot=slot, context=context)
    found = [(answer.plugin, block) for answer in answers for block in answer.value or ()]
    found.sort(key=lambda one: one[1].weight)
    shown, failed = [], list(answers.failed)
    for plugin, block in found:
        html = request.plugins.part(plugin, "page_items", request, partial(_rendered, request, block))
        if html:
            shown.append(ShownBlock(plugin, request.localizer.translate(block.title), Html(html)))
        elif html is None:
            failed.append(plugin)
    if failed and request.viewer.is_admin:
        shown += [_missing(request, slot, plugin) for plugin in dict.fromkeys(failed)]
    return shown


def _missing(request: Request, slot: str, plugin: str) -> ShownBlock:
    values = {"plugin": plugin, "inline": slot == "content.meta"}
    html = render("plein:templates/plugin_failed.pt", values, request=request).strip()
    return ShownBlock(plugin, plugin.capitalize(), Html(html))


def _rendered(request: Request, block: Block) -> str:
    return str(render(block.renderer, dict(block.values), request=request)).strip()
