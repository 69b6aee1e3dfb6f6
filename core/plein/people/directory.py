"""The directory, "Who is who": everybody who works here, found by what they do, where they are and what they know."""

import json
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from plein.people.finding import NoSuchPerson, find_group
from plein.people.listing import MOST_CHOICES, Asked, Directory, filter_fields
from plein.people.permissions import MANAGE, VIEW
from plein.security.limits import limit

_LONGEST = 100
#: Filters that are there without anybody declaring them, in the order of the page.
_BUILT_IN = ("department", "location", "expertise")


@view_config(route_name="people.list", request_method="GET", permission=VIEW, renderer="plein:templates/people/list.pt")
def list_people(request: Request) -> dict[str, Any]:
    """A page of people. What is asked for stands in the address, so that it can be shared."""
    typed = {name: _typed(request, name) for name in ("q", "group", "after", "show", *_BUILT_IN)}
    if typed["q"]:
        limit(request, "search")
    fields = filter_fields(request.db)
    facets = {name: typed[name] for name in _BUILT_IN} | {kind: _typed(request, kind) for kind, _field in fields}
    group, unknown = _group(request, typed["group"])
    directory = Directory(request.db, request.viewer, manages=bool(request.has_permission(MANAGE)))
    asked = Asked(typed["q"], facets, -1 if unknown else group and group.id)
    page = directory.page(asked, after=typed["after"])
    question = {key: value for key, value in {**typed, **facets, "after": ""}.items() if value}
    return {
        "page": page,
        "typed": typed,
        "facets": facets,
        "fields": fields,
        "choices": {name: _choices(directory, name) for name in ("department", "location")},
        "group_names": json.dumps({typed["group"]: group.name}) if group else None,
        "group_unknown": unknown,
        "as_table": typed["show"] == "table",
        "question": question,
        "narrowed": bool({key for key in question if key != "show"}),
    }


def _typed(request: Request, name: str) -> str:
    return " ".join(request.GET.get(name, "")[:_LONGEST].split())


def _choices(directory: Directory, kind: str) -> list[str] | None:
    """The values to choose from; ``None`` where there are so many that one types."""
    found = directory.choices(kind)
    return found if len(found) <= MOST_CHOICES else None


def _group(request: Request, text: str) -> tuple[Any, Any]:
    """The group that is asked for; and a sentence where there is none."""
    if not text:
        return None, None
    try:
        return find_group(request.db, request.viewer, text), None
    except NoSuchPerson as error:
        return None, error.sentence
