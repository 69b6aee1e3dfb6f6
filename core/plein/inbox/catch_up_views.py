"""The page that says what somebody missed."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from plein.inbox import catch_up
from plein.inbox.forms import SinceForm
from plein.inbox.words import MISSED
from plein.security.permissions import SIGNED_IN
from plein.web.forms import parse, typed
from plein.web.i18n import time_zone


@view_config(
    route_name="inbox.catch_up",
    request_method="GET",
    permission=SIGNED_IN,
    renderer="plein:templates/inbox/catch_up.pt",
)
def missed(request: Request) -> dict[str, Any]:
    """What was new and changed since a day, or since the last visit."""
    form, errors = parse(SinceForm, request.GET)
    zone = time_zone(request)
    if form is not None and form.since is not None:
        since = catch_up.begin(form.since, zone)
    else:
        since = catch_up.last_visit(request.db, request.viewer)
    types = request.plugins.content_types
    found = [one for one in catch_up.missed(request.db, request.viewer, since) if one.type in types]
    if errors:
        request.response.status_code = 422
    return {
        "groups": [
            (title, some) for why, title in MISSED.items() if (some := [one for one in found if one.why == why])
        ],
        "since": since,
        "value": typed(request.GET).get("since") if errors else since.astimezone(zone).date().isoformat(),
        "errors": errors,
        "types": types,
        "is_full": len(found) >= catch_up.SIZE,
    }
