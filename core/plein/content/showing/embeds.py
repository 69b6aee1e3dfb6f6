"""Items shown inside another one: ``{{type:slug}}``. Each reader sees those that they may read, and of the others only
that there is something: whether it is hidden or does not exist is the same to whoever may not know.
"""

import re
from html import escape
from typing import Any

from pyramid.renderers import render
from pyramid.request import Request

from plein.content.contexts import TypeContext
from plein.content.showing.addressed import HTML_LIMIT, TEXT_LIMIT, find_addressed
from plein.web.addresses import path_of
from plein.web.html import Html
from plein.web.i18n import _
from plein.web.markup import ID_PREFIX

#: How a type looks inside another item that does not say so itself: a card with title and beginning.
CARD = "plein:templates/content/embed.pt"

_PLACE = re.compile(r'<div class="embed" data-embed="([a-z0-9-]*)/([a-z0-9.-]+):([a-z0-9-]+)"></div>')
_ID = re.compile(rf'( id="| href="#){ID_PREFIX}')


def fill_embeds(request: Request, context: TypeContext, html: str) -> str:
    """*html* with what its marks ask for. One statement, and none without a mark."""
    if 'class="embed"' not in html:
        return html
    asked = {(match[1], match[2], match[3]) for match in _PLACE.finditer(html)}
    found = {(row.asked_space, row.type, row.asked_slug): row for row in find_addressed(request.db, asked)}
    number = 0

    def fill(match: re.Match[str]) -> str:
        nonlocal number
        number += 1
        row = found.get((match[1], match[2], match[3]))
        content_type = request.plugins.content_types.get(match[2])
        if row is None or content_type is None:
            sentence = _("This part is not available to you.")
            return f'<p class="embed-missing">{escape(request.localizer.translate(sentence))}</p>'
        return _show(request, row, content_type, number)

    return _PLACE.sub(fill, html)


def _show(request: Request, row: Any, content_type: Any, number: int) -> str:
    shortened = len(row.html) > HTML_LIMIT
    values = {
        "item": row,
        "type": content_type,
        "url": path_of(request, f"{content_type.name}.show", space=row.space, slug=row.slug),
        "summary": row.text if len(row.text) <= TEXT_LIMIT else row.text[:TEXT_LIMIT].rsplit(None, 1)[0] + " …",
        # A piece of HTML cannot be cut off: what is longer shows its beginning without mark-up.
        "html": None if shortened else Html(_apart(request, row.html, number)),
    }
    # Nothing stands between the pieces of a page that lines of a text could come from.
    return render(content_type.templates.get("embed", CARD), values, request=request).strip()


def _apart(request: Request, html: str, number: int) -> str:
    """HTML of an item inside another: its ids are its own, and what it embeds itself are links."""
    html = _ID.sub(rf"\1{ID_PREFIX}embed-{number}-", html)
    types = request.plugins.content_types

    def link(match: re.Match[str]) -> str:
        if match[2] not in types:
            return ""
        address = path_of(request, f"{match[2]}.show", space=match[1], slug=match[3])
        return f'<p><a href="{escape(address)}">{match[3]}</a></p>'

    return _PLACE.sub(link, html)
