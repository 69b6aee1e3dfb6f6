"""From kept HTML to what one reader sees: the only place where something that depends on the reader is put into a text.

Kept HTML marks the places. Each step looks for its own marks first, so that a text without them costs nothing. What is
put in is escaped here; the marks cannot be imitated, because the renderer alone writes elements (see ADR 0023).
"""

from collections.abc import Collection

from pyramid.request import Request

from plein.content.contexts import TypeContext
from plein.content.glossary.expanding import expand
from plein.content.links import link_key
from plein.content.mentions.naming import name_people
from plein.content.models import Content
from plein.content.showing.addressed import find_addressed
from plein.content.showing.embeds import fill_embeds
from plein.content.showing.media import mark_media
from plein.content.showing.ticks import open_boxes
from plein.web.html import Html
from plein.web.markup import Rendered, mark_wanted


def filled(
    request: Request,
    context: TypeContext,
    html: str,
    language: str,
    *,
    wanted: Collection[str] = (),
    tick: Content | None = None,
) -> Html:
    """*html* as the viewer sees it.

    :param wanted: keys of the links that lead nowhere for this viewer.
    :param tick: the item, where the viewer may tick its tasks on this page.
    """
    html = mark_wanted(html, wanted)
    html = mark_media(html, language, request.plein["plein.media_hosts"])
    if tick is not None:
        html = open_boxes(request, context, tick, html)
    html = fill_embeds(request, context, html)
    html = name_people(request, html)
    return Html(expand(request, html))


def previewed(request: Request, context: TypeContext, rendered: Rendered, language: str) -> Html:
    """A text that is not stored yet, as its page would show it to the viewer."""
    own = context.type.name
    asked = {(link.space, link.type or own, link.slug): link.key for link in rendered.links}
    there = {(row.asked_space, row.type, row.asked_slug) for row in find_addressed(request.db, asked, brief=True)}
    wanted = {link_key(place[0], place[2], "" if place[1] == own else place[1]) for place in asked.keys() - there}
    return filled(request, context, rendered.html, language, wanted=wanted)
