"""The pages on which people choose: how they are told, and what they follow."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.contributions.events import CHANNELS
from plein.inbox import followed
from plein.inbox.follows import LEVELS_OF
from plein.inbox.forms import ScheduleForm
from plein.inbox.preferences import Preferences, grouped
from plein.inbox.schedule import Plan
from plein.inbox.words import CHANNEL_NAMES, DAY_NAMES, LEVEL_HINTS, LEVEL_NAMES, RHYTHM_NAMES
from plein.mail import can_send
from plein.security.permissions import SIGNED_IN
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

PREFERENCES = "plein:templates/inbox/preferences.pt"

#: Beginning of the names of fields that hold how somebody hears of a kind of event.
FIELD = "channel-"


def preferences_of(request: Request, user_id: int) -> Preferences:
    """The choices of a person, on this site."""
    return Preferences(request.db, user_id, Plan.load(request.db, request.plein), request.plugins.notifications)


def typed_channels(request: Request, errors: Errors) -> dict[str, str | None]:
    """What was chosen for each kind of event; empty is as it would be without."""
    found: dict[str, str | None] = {}
    for name in request.plugins.notifications:
        channel = request.POST.get(FIELD + name)
        if channel not in (None, "", *CHANNELS):
            errors[FIELD + name] = _("Choose one of the options.")
        elif channel is not None:
            found[name] = channel or None
    return found


@view_config(route_name="inbox.preferences", request_method="GET", permission=SIGNED_IN, renderer=PREFERENCES)
def preferences(request: Request) -> dict[str, Any]:
    mine = preferences_of(request, request.viewer.user_id)
    row = mine.schedule()
    values = {
        **{FIELD + kind: channel for kind, channel in mine.chosen().items()},
        **{name: getattr(row, name) for name in ScheduleForm.model_fields},
    }
    return _page(request, mine, values, {})


def _page(request: Request, mine: Preferences, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    days = values.get("days_off") or []
    return {
        "values": {**values, "days_off": [str(day) for day in ([days] if isinstance(days, str) else days)]},
        "errors": errors,
        "groups": grouped(mine.kinds.values()),
        "plan": mine.plan,
        "field": FIELD,
        "can_mail": can_send(request.plein),
        "channel_names": CHANNEL_NAMES,
        "rhythm_names": RHYTHM_NAMES,
        "day_names": DAY_NAMES,
    }


@view_config(route_name="inbox.preferences", request_method="POST", permission=SIGNED_IN, renderer=PREFERENCES)
def choose(request: Request) -> Any:
    mine = preferences_of(request, request.viewer.user_id)
    form, errors = parse(ScheduleForm, request.POST)
    channels = typed_channels(request, errors)
    if form is None or errors:
        request.response.status_code = 422
        return _page(request, mine, typed(request.POST), errors)
    mine.choose(channels, **form.columns())
    request.notice(_("Saved."))
    return HTTPSeeOther(request.route_path("inbox.preferences"))


@view_config(
    route_name="inbox.following",
    request_method="GET",
    permission=SIGNED_IN,
    renderer="plein:templates/inbox/following.pt",
)
def following(request: Request) -> dict[str, Any]:
    """What the person follows, a kind at a time."""
    kind = request.GET.get("kind", "space")
    kind = kind if kind in LEVELS_OF else "space"
    level = Plan.load(request.db, request.plein).space_level if kind == "space" else "all"
    found, after = followed.page(request.db, request.viewer, kind, request.GET.get("after", ""), usual=level)
    return {
        "kind": kind,
        "rows": found,
        "paths": [followed.path(request, kind, row) for row in found],
        "after": request.route_path("inbox.following", _query={"kind": kind, "after": after}) if after else None,
        "choices": [(one, LEVEL_NAMES[one], LEVEL_HINTS.get(kind, {}).get(one)) for one in LEVELS_OF[kind]],
        "level_names": LEVEL_NAMES,
    }
