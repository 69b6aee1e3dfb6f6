"""What pickers of people and groups ask while somebody types."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from plein.people.finding import Suggestion, suggest_groups, suggest_people
from plein.security.limits import limit
from plein.security.permissions import SIGNED_IN

_LONGEST = 100
#: Somebody who types asks more often than somebody who searches.
_OFTEN = 5


@view_config(route_name="people.suggest", request_method="GET", permission=SIGNED_IN, renderer="json")
def suggest(request: Request) -> dict[str, Any]:
    """People and groups for ``?q=``, as ``{"found": [{value, label, hint, guest, group, url}, …]}``.

    ``?kinds=`` holds ``people``, ``groups`` or both; by default people. A statement for each.
    """
    limit(request, "search", f"suggest {request.viewer.user_id}", factor=_OFTEN)
    text = request.GET.get("q", "")[:_LONGEST]
    kinds = request.GET.get("kinds", "people").split()
    found: list[Suggestion] = []
    if "people" in kinds:
        found += suggest_people(request.db, request.viewer, text)
    if "groups" in kinds:
        found += suggest_groups(request.db, request.viewer, text)
    return {"found": [_shown(request, one) for one in found]}


def _shown(request: Request, one: Suggestion) -> dict[str, Any]:
    return {
        "value": one.value,
        "label": one.label,
        "hint": one.hint,
        "guest": one.is_guest,
        "group": one.user_id is None,
        "url": "" if one.user_id is None else request.route_path("people.show", login=one.value),
    }
