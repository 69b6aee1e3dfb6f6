"""The pages of tags: all there are, what has one, and what is suggested while somebody types."""

from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.request import Request
from pyramid.view import view_config

from plein.content.listing import listing
from plein.content.topics import finding
from plein.content.topics.permissions import MANAGE
from plein.content.topics.vocabularies import rules_for
from plein.security.limits import limit
from plein.security.permissions import SIGNED_IN
from plein.web.i18n import ngettext

_LONGEST = 60
#: Somebody who types asks more often than somebody who searches.
_OFTEN = 5


@view_config(
    route_name="tags.list", request_method="GET", permission=SIGNED_IN, renderer="plein:templates/tags/list.pt"
)
def list_tags(request: Request) -> dict[str, Any]:
    """Every tag of items that the viewer may see: the most used, or all by letter."""
    text = request.GET.get("q", "")[:_LONGEST].replace("\0", "")
    after = request.GET.get("after", "")[:_LONGEST].replace("\0", "")
    by_letter = request.GET.get("order") == "letter" or bool(text.strip())
    rows, more = finding.by_letter(request.db, begins=text, after=after) if by_letter else (_used(request), None)
    return {
        "rows": rows,
        "letters": _letters(rows) if by_letter else [],
        "by_letter": by_letter,
        "typed": text,
        "after": after,
        "more": more,
        "may_manage": bool(request.has_permission(MANAGE)),
    }


def _used(request: Request) -> list[Any]:
    return finding.most_used(request.db)


def _letters(rows: list[Any]) -> list[tuple[str, int, list[Any]]]:
    """*rows*, in the order they have, under the letter that each begins with; with a number for each letter."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        first = row.folded[:1]
        found.setdefault(first.upper() if first.isalpha() else "#", []).append(row)
    return [(letter, number, rows) for number, (letter, rows) in enumerate(found.items(), 1)]


@view_config(
    route_name="tags.show", request_method="GET", permission=SIGNED_IN, renderer="plein:templates/tags/show.pt"
)
def show_tag(request: Request) -> Any:
    """What has a tag, of every type and from every space, newest first."""
    tag = finding.find(request.db, request.matchdict["slug"])
    manages = bool(request.has_permission(MANAGE))
    if tag is None:
        raise HTTPNotFound()
    # Where an earlier name leads is told to nobody who may not know of the tag it leads to.
    if not manages and not finding.may_know(request.db, tag.became or tag.slug):
        raise HTTPNotFound()
    if tag.became is not None:
        return HTTPFound(request.route_path("tags.show", slug=tag.became))
    after = request.GET.get("after")
    return {
        "tag": tag,
        "page": listing(request.db, tag_id=tag.id, after=after),
        "after": after,
        "related": finding.related(request.db, tag.id),
        "types": request.plugins.content_types,
        "may_manage": manages,
    }


@view_config(route_name="tags.word", request_method="GET", permission=SIGNED_IN)
def word(request: Request) -> HTTPFound:
    """To the page of the tag that a word means: what an item shows are words, and only the table knows addresses."""
    slug = finding.find_word(request.db, request.GET.get("word", "")[:_LONGEST].replace("\0", ""))
    if slug is None or not (request.has_permission(MANAGE) or finding.may_know(request.db, slug)):
        raise HTTPNotFound()
    return HTTPFound(request.route_path("tags.show", slug=slug))


@view_config(route_name="tags.suggest", request_method="GET", permission=SIGNED_IN, renderer="json")
def suggest(request: Request) -> dict[str, Any]:
    """Tags for ``?q=``, as ``{"found": [{value, label, hint, …}, …]}``; in the lists of ``?space=`` and ``?type=``."""
    limit(request, "search", f"suggest {request.viewer.user_id}", factor=_OFTEN)
    text = request.GET.get("q", "")[:_LONGEST].replace("\0", "")
    rules = rules_for(request.db, request.GET.get("type", ""), request.GET.get("space", ""))
    only = [one.id for one in rules.controlled] or None
    rows = finding.suggest(request.db, text, only=only, also=[one.id for one in rules.listed])
    return {"found": [_shown(request, *row) for row in rows]}


def _shown(request: Request, name: str, synonym: str, items: int) -> dict[str, Any]:
    used = ngettext(request, "${count} page", "${count} pages", items)
    hint = " · ".join(part for part in (synonym, used if items else "") if part)
    return {"value": name, "label": name, "hint": hint, "guest": False, "group": False, "url": ""}
