"""The search page: one address holds the question and every filter, so that it can be shared."""

import re
from dataclasses import dataclass
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.search.highlight import Segment
from plein.search.services import Hit, SearchPage, SearchService
from plein.security.limits import limit
from plein.security.permissions import SIGNED_IN
from plein.spaces.models import Space
from plein.web.blocks import blocks
from plein.web.html import Html, escape

#: Characters of the question that are shown again and kept in links.
_SHOWN = 400
#: Spaces offered as a filter; whoever sees more searches from within a space's own address.
_SPACES = 200
_NOWHERE = -1
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit as the page shows it: marked titles and snippets, and an address where its type has pages."""

    hit: Hit
    title: Html
    snippet: Html
    url: str | None
    kind: str
    icon: str


@view_config(
    route_name="search", request_method="GET", permission=SIGNED_IN, renderer="plein:templates/search/results.pt"
)
def search(request: Request) -> dict[str, Any]:
    """What fits the question, best first; without one, how to ask."""
    text = _CONTROL.sub(" ", request.GET.get("q", "")[: _SHOWN + 1]).strip()
    filters = {name: request.GET.get(name, "")[:200] for name in ("space", "type", "tag")}
    if filters["type"] not in request.plugins.content_types:
        filters["type"] = ""
    after = request.GET.get("after", "")[:100]
    spaces = request.db.execute(select(Space.id, Space.slug, Space.name).order_by(Space.name).limit(_SPACES)).all()
    asked = bool(text or filters["tag"])
    page = _find(request, text, filters, after, spaces) if asked else SearchPage()
    return {
        "text": text[:_SHOWN],
        "filters": filters,
        "after": after,
        "asked": asked,
        "page": page,
        "hits": [_shown(request, hit) for hit in page.hits],
        "spaces": [(row.slug, row.name) for row in spaces],
        "types": [(one.name, one.plural) for one in request.plugins.content_types.values()],
        "side": blocks(request, "search.side"),
        "question": {"q": text[:_SHOWN], **filters},
    }


def _find(request: Request, text: str, filters: dict[str, str], after: str, spaces: Any) -> SearchPage:
    limit(request, "search")
    space_id = None
    if filters["space"]:
        # A space that this viewer does not know of has nothing to be found.
        space_id = next((row.id for row in spaces if row.slug == filters["space"]), _NOWHERE)
    service = SearchService(request.db, request.viewer)
    return service.find(text, space=space_id, type_name=filters["type"] or None, tag=filters["tag"], after=after)


def _shown(request: Request, hit: Hit) -> ShownHit:
    known = request.plugins.content_types.get(hit.type)
    return ShownHit(
        hit=hit,
        title=_marked(hit.title),
        snippet=_marked(hit.snippet),
        url=request.route_path(f"{hit.type}.show", space=hit.space, slug=hit.slug) if known else None,
        kind=known.title if known else "",
        icon=known.icon if known else "file-text",
    )


def _marked(segments: list[Segment]) -> Html:
    """Segments as HTML: escaped, what matches in ``mark``."""
    return Html(
        "".join(
            f"<mark>{escape(segment.text)}</mark>" if segment.is_match else escape(segment.text) for segment in segments
        )
    )
