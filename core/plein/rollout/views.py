"""The board of functions, and the pages about one of them: history, undoing, why."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.audit import record_aside
from plein.people.finding import NoSuchPerson, find_person
from plein.people.standing import viewer_for
from plein.rollout import history as histories
from plein.rollout.board import board as rows_of
from plein.rollout.explain import FACT_NAMES, explain
from plein.rollout.packages.wishes import Wishes
from plein.rollout.pages import TEMPLATES, page_values, plugin_of, service, taken, teller
from plein.rollout.permissions import CHANGE
from plein.rollout.rules import RolloutError
from plein.spaces.finding import NoSuchSpace, find_space
from plein.spaces.models import Space
from plein.web.forms import Errors
from plein.web.i18n import _

_SHORT = 200


@view_config(route_name="admin.functions", request_method="GET", permission=CHANGE, renderer=TEMPLATES + "board.pt")
def board(request: Request) -> dict[str, Any]:
    """Every installed function, what asks for a decision first."""
    rows = rows_of(request.db, request.installed, request.plein, request.localizer.translate)
    return {
        "asking": [row for row in rows if row.asks],
        "others": [row for row in rows if not row.asks],
        "tell": teller(request),
        "off": request.installed.off,
        "asked": Wishes(request.db, request.viewer).numbers(),
    }


@view_config(
    route_name="admin.functions.history", request_method="GET", permission=CHANGE, renderer=TEMPLATES + "history.pt"
)
def history(request: Request) -> dict[str, Any]:
    """Each step with who, when and why, newest first."""
    plugin = plugin_of(request)
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    page = histories.page(request.db, plugin, before=number)
    return {**page_values(request, plugin), "page": page, "before": number}


@view_config(route_name="admin.functions.undo", request_method="POST", permission=CHANGE)
def undo(request: Request) -> HTTPSeeOther:
    """Take back what a step changed."""
    plugin, number = plugin_of(request), _step_of(request)
    try:
        step = service(request).undo(number)
    except RolloutError as error:
        request.notice(_said(request, plugin, number, error), "error")
        return HTTPSeeOther(request.route_path("admin.functions.history", name=plugin))
    return taken(request, plugin, step)


def _said(request: Request, plugin: str, number: int, error: RolloutError) -> Any:
    """Why a step cannot be taken back: with what was changed since, where that is why."""
    fields = histories.fields_in_words(error)
    if not fields:
        return error.sentence
    told = teller(request)(_("${why} Changed since: ${fields}.", mapping={"why": error.sentence, "fields": fields}))
    return told


@view_config(route_name="admin.functions.cancel", request_method="POST", permission=CHANGE)
def cancel(request: Request) -> HTTPSeeOther:
    """Call off a planned step."""
    plugin, number = plugin_of(request), _step_of(request)
    if service(request).cancel(number) is None:
        request.notice(_("This step does not wait any more."), "info")
    else:
        request.notice(_("The planned step is called off."))
    return HTTPSeeOther(request.route_path("admin.functions.show", name=plugin))


def _step_of(request: Request) -> int:
    """The number in the address, of a step of the function that it names.

    :raises HTTPNotFound: where there is none.
    """
    number = int(request.matchdict["step"])
    if not histories.is_of(request.db, number, request.matchdict["name"]):
        raise HTTPNotFound()
    return number


@view_config(route_name="admin.functions.why", request_method="GET", permission=CHANGE, renderer=TEMPLATES + "why.pt")
def why(request: Request) -> dict[str, Any]:
    """Why somebody has the function in a space, or not. The asker may name only spaces that they know of."""
    plugin = plugin_of(request)
    who, where = (request.GET.get(name, "")[:_SHORT].replace("\0", "").strip() for name in ("user", "space"))
    values = {
        **page_values(request, plugin),
        "values": {"user": who, "space": where},
        "errors": {},
        "explained": None,
        "names": FACT_NAMES,
    }
    if not who:
        return values
    errors: Errors = values["errors"]
    person, space = _asked(request, who, where, errors)
    if errors:
        request.response.status_int = 422
        return values
    db, plugins = request.db, request.installed
    viewer = viewer_for(db, person.id)
    record_aside(
        request.registry["plein.engine"],
        "access.explained",
        "plugin",
        plugin,
        result="done",
        origin=request.address,
        actor_id=request.viewer.user_id,
        person=person.id,
    )
    explained = explain(db, plugins, request.plein["plein.new_plugins"], plugin, viewer, space)
    return {**values, "explained": explained, "person": person, "space": space}


def _asked(request: Request, who: str, where: str, errors: Errors) -> tuple[Any, Space | None]:
    person, space = None, None
    try:
        person = find_person(request.db, request.viewer, who)
    except NoSuchPerson as error:
        errors["user"] = error.sentence
    try:
        found = find_space(request.db, where) if where else None
        space = request.db.scalar(select(Space).where(Space.id == found.id)) if found is not None else None
    except NoSuchSpace as error:
        errors["space"] = error.sentence
    return person, space
