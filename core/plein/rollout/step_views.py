"""Taking a step with a function: the form, what it would change, and doing it."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from plein.ladder.keeping import signing_in, types_of
from plein.ladder.rungs import STAGES
from plein.rollout.forms import StepForm, decision_of, labels_of, values_of
from plein.rollout.names import names_of
from plein.rollout.pages import TEMPLATES, page_values, plugin_of, preview, refused, service, taken
from plein.rollout.permissions import CHANGE
from plein.rollout.rules import WAYS_IN_AT, RolloutError, Stale
from plein.rollout.steps import Standing
from plein.rollout.words import MEASURE_NAMES, STAGE_HINTS, STAGE_NAMES
from plein.web.forms import Errors, parse, typed

PAGE = TEMPLATES + "step.pt"


@view_config(route_name="admin.functions.step", request_method="GET", permission=CHANGE, renderer=PAGE)
def form(request: Request) -> dict[str, Any]:
    """The form, as the function stands now."""
    plugin = plugin_of(request)
    standing = service(request).standing(plugin)
    names = names_of(request.db, [standing.now])
    return _page(request, plugin, standing, values_of(standing.now, names, standing.seen), {})


@view_config(route_name="admin.functions.step", request_method="POST", permission=CHANGE, renderer=PAGE)
def step(request: Request) -> Any:
    """See what a step changes (``act=preview``), take it (``take``), or go back to the form (``edit``)."""
    plugin, steps = plugin_of(request), service(request)
    standing = steps.standing(plugin)
    given, errors = parse(StepForm, request.POST)
    if given is not None and given.act == "edit":
        return _page(request, plugin, standing, typed(request.POST), {})
    if given is not None:
        wanted, errors = decision_of(given, request.db, request.viewer, standing.now)
        errors |= steps.errors(plugin, wanted)
        try:
            if not errors and given.act == "take":
                return taken(request, plugin, steps.take(plugin, wanted, given.reason, seen=given.seen))
        except Stale as error:
            errors = refused(error)
            request.response.status_int = 409
        except RolloutError as error:
            errors = refused(error)
        if not errors:
            return preview(request, plugin, standing, steps.completed(plugin, wanted), request.path)
    if request.response.status_int == 200:
        request.response.status_int = 422
    values = typed(request.POST) | {"seen": standing.seen}
    return _page(request, plugin, standing, values, errors)


def _page(request: Request, plugin: str, standing: Standing, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    plugins = request.installed
    names = names_of(request.db, [standing.now])
    unseen = [one for one in standing.now.space_ids if one not in names.spaces]
    stages = WAYS_IN_AT if plugin in signing_in(plugins) else STAGES
    of_items = plugin in types_of(plugins)
    measures = {name: title for name, title in MEASURE_NAMES.items() if of_items or name == "grade"}
    return {
        **page_values(request, plugin),
        "now": standing,
        "stages": [(stage, STAGE_NAMES[stage], STAGE_HINTS[stage]) for stage in stages],
        "measures": [("", "–"), *measures.items()],
        "labels": labels_of(names),
        "unseen": len(unseen),
        "values": values,
        "errors": errors,
    }
