"""What the pages of functions share: which one is meant, dates in the reader's language, and taking a step."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request

from plein.ladder.changing import Decision
from plein.ladder.models import RolloutStep
from plein.rollout.describing import changes
from plein.rollout.impact import impact
from plein.rollout.names import names_of
from plein.rollout.rules import RolloutError
from plein.rollout.steps import Standing, StepService
from plein.rollout.titles import about
from plein.rollout.words import say
from plein.web.forms import typed
from plein.web.i18n import _, show_date

TEMPLATES = "plein:templates/rollout/"


def plugin_of(request: Request) -> str:
    """The function that the address names.

    :raises HTTPNotFound: where it is not installed.
    """
    name = str(request.matchdict["name"])
    if not request.installed.has(name):
        raise HTTPNotFound()
    return name


def service(request: Request) -> StepService:
    return StepService(request.db, request.installed, request.plein)


def teller(request: Request) -> Any:
    """A function that says what has words inside it: names of stages, dates, lists."""

    def tell(value: Any) -> str:
        return say(value, request.localizer.translate, lambda day: show_date(request, day))

    return tell


def page_values(request: Request, plugin: str) -> dict[str, Any]:
    """What every page of one function is given."""
    return {
        "plugin": plugin,
        "about": about(request.installed, plugin, request.localizer.translate),
        "tell": teller(request),
    }


def preview(request: Request, plugin: str, standing: Standing, wanted: Decision, back: str) -> Any:
    """The page that says what a step would change, with a button to take it.

    :param back: the address that what was typed goes to, again.
    """
    db, settings = request.db, request.plein
    before = standing.decided or standing.now
    values = {
        **page_values(request, plugin),
        "wanted": wanted,
        "changes": changes(before, wanted, names_of(db, [before, wanted])),
        "impact": impact(
            request.registry["plein.engine"], request.installed, settings["plein.new_plugins"], plugin, wanted
        ),
        "is_later": wanted.starts_on is not None and wanted.starts_on > service(request).today,
        "values": {name: value for name, value in typed(request.POST).items() if name not in ("act", "csrf_token")},
        "back": back,
    }
    return render_to_response(TEMPLATES + "preview.pt", values, request)


def taken(request: Request, plugin: str, step: RolloutStep | None) -> HTTPSeeOther:
    """Back to the function, with what was done and how to take it back."""
    title = about(request.installed, plugin, request.localizer.translate).title
    if step is None:
        request.notice(_("Nothing was changed."), "info")
    elif step.state == "planned":
        undo = {"url": request.route_path("admin.functions.cancel", name=plugin, step=step.id)}
        request.notice(_("Planned for ${function}.", mapping={"function": title}), undo=undo)
    else:
        undo = {"url": request.route_path("admin.functions.undo", name=plugin, step=step.id)}
        request.notice(_("Decided about ${function}.", mapping={"function": title}), undo=undo)
    return HTTPSeeOther(request.route_path("admin.functions.show", name=plugin))


def refused(error: RolloutError) -> dict[str, Any]:
    """*error* as a form shows it."""
    return {error.field: error.sentence}
