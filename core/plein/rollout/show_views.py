"""The page of one function: what it is for, who has it, how it goes, and for a pilot the decision at its end.

Whoever answers for a function reads it as well: they are reminded to see to it. Deciding takes the permission.
"""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.content.freshness.reads import shown as reads_shown
from plein.ladder.keeping import read_rungs, types_of
from plein.ladder.models import Rollout
from plein.rollout import board
from plein.rollout.describing import who_has
from plein.rollout.forms import EndForm
from plein.rollout.measures import FEWEST, has_succeeded, measure
from plein.rollout.names import names_of
from plein.rollout.pages import TEMPLATES, page_values, plugin_of, preview, refused, service, taken
from plein.rollout.permissions import CHANGE
from plein.rollout.rules import RolloutError, Stale
from plein.rollout.steps import Standing
from plein.rollout.words import MEASURE_SHORT, STAGE_HINTS, STAGE_KINDS, STAGE_NAMES
from plein.security.permissions import SIGNED_IN
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

PAGE = TEMPLATES + "show.pt"

#: How a pilot can go on.
VERDICTS = [
    ("on", _("Go: everybody gets it")),
    ("opt_in", _("Go: spaces may choose it")),
    ("extend", _("Go on trying until another day")),
    ("off", _("Stop: nobody has it any more, all that was made is kept")),
    ("retiring", _("Stop: what was made can be read until a day")),
]


@view_config(route_name="admin.functions.show", request_method="GET", permission=SIGNED_IN, renderer=PAGE)
def show(request: Request) -> dict[str, Any]:
    """How it goes with a function, for whoever decides about it or answers for it."""
    plugin = str(request.matchdict["name"])
    rollout = request.db.get(Rollout, plugin)
    owns = rollout is not None and rollout.owner_id == request.viewer.user_id
    if not request.has_permission(CHANGE) and not (owns and request.viewer.view_as is None):
        # Whether it is installed is no secret: its name stands in addresses.
        raise HTTPForbidden()
    plugin_of(request)
    standing = service(request).standing(plugin)
    return _page(request, plugin, standing, {"seen": standing.seen}, {})


@view_config(route_name="admin.functions.end", request_method="POST", permission=CHANGE, renderer=PAGE)
def end(request: Request) -> Any:
    """The decision at the end of a pilot: go, go on trying, or stop; seen first, and then taken."""
    plugin, steps = plugin_of(request), service(request)
    standing = steps.standing(plugin)
    if standing.now.stage != "pilot":
        request.notice(_("This pilot was ended already. See how it stands now."), "info")
        return HTTPSeeOther(request.route_path("admin.functions.show", name=plugin))
    given, errors = parse(EndForm, request.POST)
    if given is not None and given.act == "edit":
        return _page(request, plugin, standing, typed(request.POST), {})
    if given is not None:
        wanted = given.decision(standing.now)
        errors = _renamed(steps.errors(plugin, wanted))
        if given.verdict == "extend" and given.until is None:
            errors["until"] = _("Say until when: a pilot ends with a decision.")
        try:
            if not errors and given.act == "take":
                return taken(request, plugin, steps.take(plugin, wanted, given.reason, seen=given.seen))
        except Stale as error:
            errors = refused(error)
        except RolloutError as error:
            errors = _renamed(refused(error))
        if not errors:
            return preview(request, plugin, standing, steps.completed(plugin, wanted), request.path)
    request.response.status_int = 422
    return _page(request, plugin, standing, typed(request.POST) | {"seen": standing.seen}, errors)


def _renamed(errors: dict[str, Any]) -> dict[str, Any]:
    """Errors at the fields of this form."""
    return {{"ends_on": "until", "stage": "verdict"}.get(field, field): text for field, text in errors.items()}


def _page(request: Request, plugin: str, standing: Standing, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    db, plugins, settings = request.db, request.installed, request.plein
    rung = read_rungs(db, plugins, settings["plein.new_plugins"])[plugin]
    rollout = db.get(Rollout, plugin)
    now, types = standing.now, types_of(plugins).get(plugin, ())
    names = names_of(db, [now])
    measured = None
    if rollout is not None and rung.covers != "off":
        engine, zone = request.registry["plein.engine"], settings["plein.time_zone"]
        measured = measure(engine, types, plugin, rung, rollout.since, zone)
    return {
        **page_values(request, plugin),
        "now": now,
        "since": rollout.since if rollout is not None else None,
        "names": names,
        "who": who_has(rung, names),
        "stage": (STAGE_NAMES[now.stage], STAGE_KINDS[now.stage], STAGE_HINTS[now.stage]),
        "waits": [one for one in board.waits_of(db, plugins, settings, plugin) if one.asks or one.planned_id],
        "measured": measured,
        "reads": reads_shown(measured.reads) if measured is not None else None,
        "of_items": bool(types),
        "fewest": FEWEST,
        "measure_name": MEASURE_SHORT.get(now.measure, ""),
        "succeeded": has_succeeded(measured, now.measure, now.target) if measured is not None else None,
        "is_over": now.ends_on is not None and now.ends_on <= service(request).today,
        "verdicts": VERDICTS,
        "decides": request.has_permission(CHANGE),
        "values": values,
        "errors": errors,
    }
