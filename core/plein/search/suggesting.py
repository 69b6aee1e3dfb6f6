"""What the search field in the header offers while somebody types: pages by their title, and people."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import Text, bindparam, select
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.db import utcnow
from plein.people.finding import suggest_people
from plein.search import engines
from plein.search.models import SearchDocument
from plein.search.query import parse
from plein.search.rank import Sought, relevance, score
from plein.search.text import stems
from plein.security.limits import limit
from plein.security.permissions import SIGNED_IN
from plein.spaces.models import Space

PAGES, PEOPLE = 6, 3
#: Pages of which the best are shown.
_RANKED = 50
_LONGEST = 100
#: Somebody who types asks more often than somebody who searches.
_OFTEN = 5


@view_config(route_name="search.suggest", request_method="GET", permission=SIGNED_IN, renderer="json")
def suggest(request: Request) -> dict[str, Any]:
    """Pages and people for ``?q=``, as ``{"found": [{value, label, hint, guest, url}, …]}``. A statement for each."""
    limit(request, "search", f"suggest {request.viewer.user_id}", factor=_OFTEN)
    text = request.GET.get("q", "")[:_LONGEST]
    types = request.plugins.content_types
    found = [
        {
            "value": row.title,
            "label": row.title,
            "hint": row.space_name,
            "guest": False,
            "url": request.route_path(f"{row.type}.show", space=row.space, slug=row.slug),
        }
        for row in titles(request.db, text, list(types))
    ]
    found += [
        {
            "value": one.label,
            "label": one.label,
            "hint": one.hint,
            "guest": one.is_guest,
            "url": request.route_path("people.show", login=one.value),
        }
        for one in suggest_people(request.db, request.viewer, text, PEOPLE)
    ]
    return {"found": found}


@lru_cache(maxsize=2)
def _statement(dialect: str) -> Any:
    """Kept: making and narrowing it takes longer than running it."""
    columns: Any = select(
        Content.title,
        Content.type,
        Content.slug,
        Space.slug.label("space"),
        Space.name.label("space_name"),
        SearchDocument.content_id,
        SearchDocument.weights,
        SearchDocument.title_words,
        SearchDocument.updated_at,
        SearchDocument.reviewed_at,
        SearchDocument.review_on,
        SearchDocument.popularity,
        SearchDocument.open_reports,
    )
    joined = (
        columns.select_from(SearchDocument)
        .join(Content, Content.id == SearchDocument.content_id)
        .join(Space, Space.id == Content.space_id)
        .where(SearchDocument.type.in_(bindparam("types", expanding=True)), SearchDocument.state == "published")
    )
    return engines.matching(joined, bindparam("asked", type_=Text), dialect).limit(_RANKED)


def titles(db: Session, text: str, types: Sequence[str]) -> list[Any]:
    """Items with all words of *text* in the title, best first: title, type, slug, space, space_name.

    :param types: those that have pages.
    """
    query = parse(text)
    if not query:
        return []
    (_tier, in_title), *_rest = query.tiers()
    dialect = db.get_bind().dialect.name
    with engines.through_the_index(db, query):
        rows = db.execute(_statement(dialect), {"asked": engines.written(in_title, dialect), "types": types}).all()
    sought = [
        Sought(tuple(form for word in term.words for form in stems(word)), term.words[-1] if term.prefix else "")
        for term in query.required
    ]
    today = utcnow().date()

    def key(row: Any) -> tuple[int, int]:
        relevant, _covered = relevance(row.weights, sought, has_all=True)
        return -score(row, relevant, words=len(sought), in_title=True, today=today), -row.content_id

    return sorted(rows, key=key)[:PAGES]
