"""How everybody is told who did not choose: for administrators."""

from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.inbox.forms import DefaultsForm
from plein.inbox.preference_views import FIELD, typed_channels
from plein.inbox.preferences import decide, grouped
from plein.inbox.schedule import SHIPPED, Plan
from plein.inbox.words import CHANNEL_NAMES, DAY_NAMES, LEVEL_HINTS, RHYTHM_NAMES
from plein.security.permissions import ADMIN
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

PAGE = "plein:templates/inbox/defaults.pt"


@view_config(route_name="admin.notifications", request_method="GET", permission=ADMIN, renderer=PAGE)
def defaults(request: Request) -> dict[str, Any]:
    plan = Plan.load(request.db, request.plein)
    values = {**{name: plan[name] for name in SHIPPED}}
    values |= {FIELD + kind.name: plan.channel(kind) for kind in request.plugins.notifications.values()}
    return _page(request, values, {})


def _page(request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    return {
        "values": values,
        "errors": errors,
        "groups": grouped(request.plugins.notifications.values()),
        "field": FIELD,
        "channel_names": CHANNEL_NAMES,
        "rhythm_names": RHYTHM_NAMES,
        "day_names": DAY_NAMES,
        "levels": [(level, LEVEL_HINTS["space"][level]) for level in ("all", "following", "mentions")],
    }


@view_config(route_name="admin.notifications", request_method="POST", permission=ADMIN, renderer=PAGE)
def change(request: Request) -> Any:
    """Holds from now on for everybody who did not choose; whoever chose keeps that."""
    form, errors = parse(DefaultsForm, request.POST)
    channels = typed_channels(request, errors)
    if form is None or errors:
        request.response.status_code = 422
        return _page(request, typed(request.POST), errors)
    kinds = request.plugins.notifications
    decided: dict[str, str | None] = {
        name: None if channel == kinds[name].default else channel for name, channel in channels.items()
    }
    decided |= {name: None if value == SHIPPED[name] else value for name, value in form.model_dump().items()}
    changed = decide(request.db, decided)
    if changed:
        request.notice(_("Saved. It holds for everybody who did not choose."))
    return HTTPSeeOther(request.route_path("admin.notifications"))


def includeme(config: Configurator) -> None:
    config.add_audit_acts({"inbox.default": _("How people are told who did not choose")})
    config.add_admin_page("admin.notifications", title=_("Messages"), icon="bell", permission=ADMIN, weight=40)
