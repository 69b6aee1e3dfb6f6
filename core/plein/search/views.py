"""The search page: one address holds the question and every filter, so that it can be shared."""

from dataclasses import dataclass
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.people.finding import suggest_people
from plein.search.asking import read
from plein.search.highlight import Highlighter, Segment
from plein.search.missed import note
from plein.search.services import Hit, Promoted, SearchPage, SearchService
from plein.security.limits import limit
from plein.security.permissions import SIGNED_IN
from plein.spaces.models import Space
from plein.web.blocks import blocks
from plein.web.html import Html, escape
from plein.web.i18n import time_zone

#: Spaces offered as a filter; whoever sees more searches from within a space's own address.
_SPACES = 200
#: People shown above the pages; the directory has the rest.
_PEOPLE = 3


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit as the page shows it: marked titles and snippets, and an address where its type has pages."""

    hit: Hit
    title: Html
    snippet: Html
    url: str | None
    kind: str
    icon: str
    file_name: Html | None = None
    file_url: str | None = None


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody who is found by the same words."""

    name: Html
    hint: Html
    url: str
    is_guest: bool
    user_id: int


@dataclass(frozen=True, slots=True)
class ShownBet:
    """What an administrator wants above the hits."""

    title: str
    text: str
    url: str


@view_config(
    route_name="search", request_method="GET", permission=SIGNED_IN, renderer="plein:templates/search/results.pt"
)
def search(request: Request) -> dict[str, Any]:
    """What fits the question, best first; without one, how to ask."""
    asked = read(request)
    spaces = request.db.execute(select(Space.id, Space.slug, Space.name).order_by(Space.name).limit(_SPACES)).all()
    after = request.GET.get("after", "")[:100]
    filters = asked.filters(spaces)
    page, people = SearchPage(), []
    if asked.text or filters:
        limit(request, "search")
        service = SearchService(request.db, request.viewer, time_zone(request))
        page = service.find(asked.text, filters, sort=asked.sort, after=after)
        if asked.text and not filters and not after:
            people = _people(request, page)
    if asked.text and not filters and not after and not (page.hits or page.promoted or people):
        note(request.registry["plein.engine"], request.plein["plein.secret"], request.viewer.user_id, asked.text)
    question = asked.question()
    return {
        "asked": asked,
        "after": after,
        "is_asked": bool(asked.text or filters),
        "page": page,
        "people": people,
        "hits": [shown(request, hit) for hit in page.hits],
        "promoted": [_promoted(request, one) for one in page.promoted],
        "spaces": [(row.slug, row.name, page.spaces.get(row.id, 0)) for row in spaces],
        "types": [(one.name, one.plural, page.types.get(one.name, 0)) for one in _types(request)],
        # What helps to begin; beside what was found nobody looks there.
        "side": [] if asked.text else blocks(request, "search.side"),
        "question": question,
        "narrowed": len(question) > bool(asked.text),
        "meant": request.route_path("search", _query={**question, "q": page.meant}) if page.meant else None,
        "suggested_name": asked.text[:80],
    }


def _types(request: Request) -> Any:
    return request.plugins.content_types.values()


def _people(request: Request, page: SearchPage) -> list[FoundPerson]:
    """People who are found by the same words, with these marked. One statement."""
    highlighter = Highlighter(page.query)
    return [
        FoundPerson(
            name=marked(highlighter.title(one.label)),
            hint=marked(highlighter.title(one.hint)),
            url=request.route_path("people.show", login=one.value),
            is_guest=one.is_guest,
            user_id=one.user_id or 0,
        )
        for one in suggest_people(request.db, request.viewer, " ".join(request.GET.get("q", "").split())[:100], _PEOPLE)
    ]


def _promoted(request: Request, one: Promoted) -> ShownBet:
    if one.hit is None:
        return ShownBet(one.title, one.text, one.url)
    found = shown(request, one.hit)
    return ShownBet(one.title or "".join(part.text for part in one.hit.title), one.text, found.url or "")


def shown(request: Request, hit: Hit) -> ShownHit:
    known = request.plugins.content_types.get(hit.type)
    ladder = request.viewer.ladder
    # What belongs to a plugin that is not installed has a page too.
    gone = None if known or ladder is None else next((d for d in ladder.dormant.values() if d.name == hit.type), None)
    url = request.route_path(f"{hit.type}.show", space=hit.space, slug=hit.slug) if known else None
    if gone is not None:
        url = request.route_path("content.dormant_show", space=hit.space, path=gone.path, slug=hit.slug)
    return ShownHit(
        hit=hit,
        title=marked(hit.title),
        snippet=marked(hit.snippet),
        url=url,
        kind=known.title if known else gone.title(request.locale_name) if gone else "",
        icon=known.icon if known else "file-text",
        file_name=marked(hit.file.name) if hit.file else None,
        file_url=_file_url(request, hit),
    )


def _file_url(request: Request, hit: Hit) -> str | None:
    if hit.file is None:
        return None
    return request.route_path("attachment", uid=hit.file.uid, name="".join(part.text for part in hit.file.name))


def marked(segments: list[Segment]) -> Html:
    """Segments as HTML: escaped, what matches in ``mark``."""
    return Html(
        "".join(
            f"<mark>{escape(segment.text)}</mark>" if segment.is_match else escape(segment.text) for segment in segments
        )
    )
