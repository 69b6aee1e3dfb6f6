"""The functions there are, for everybody: what they have, what others try, and the button to ask for it."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.ladder import Rung
from plein.rollout.packages.services import of_spaces
from plein.rollout.packages.wishes import MAX_REASON, Wishes
from plein.rollout.titles import about
from plein.security.permissions import SIGNED_IN
from plein.security.redirects import safe_path
from plein.spaces.models import Space
from plein.web.forms import Form, parse
from plein.web.i18n import _

PAGE = "plein:templates/rollout/packages/functions.pt"


class AskForm(Form):
    """Why somebody asks for a function, and for which space (its address); ``next`` is where they came from."""

    reason: str = ""
    space: str = ""
    next: str = ""


@view_config(route_name="functions", request_method="GET", permission=SIGNED_IN, renderer=PAGE)
def functions(request: Request) -> dict[str, Any]:
    """What the viewer has and what they can ask for. What nobody has stays unknown."""
    _only_colleagues(request)
    asked = Wishes(request.db, request.viewer).mine()
    rows = [
        {
            "plugin": name,
            "about": about(request.installed, name, request.localizer.translate),
            "has": request.reach.has(name),
            "word": _word(request, name, rung),
            "is_asked": name in asked,
        }
        for name, rung in sorted(_introduced(request).items())
    ]
    rows.sort(key=lambda row: (not row["has"], row["about"].title.casefold()))
    return {"rows": rows, "max_reason": MAX_REASON}


@view_config(route_name="functions.ask", request_method="POST", permission=SIGNED_IN)
def ask(request: Request) -> HTTPSeeOther:
    """Ask for a function. The notice can take it back."""
    plugin = _asked_for(request)
    form, _errors = parse(AskForm, request.POST)
    reason, slug = (form.reason[:MAX_REASON], form.space) if form is not None else ("", "")
    space_id = request.db.scalar(select(Space.id).where(Space.slug == slug)) if slug else None
    Wishes(request.db, request.viewer).ask(plugin, reason=reason, space_id=space_id)
    title = {"title": about(request.installed, plugin, request.localizer.translate).title}
    undo = request.route_path("functions.ask_no_more", plugin=plugin)
    request.notice(_("Whoever decides about functions sees that you would like ${title}.", mapping=title), "done", undo)
    return HTTPSeeOther(_back(request, form))


@view_config(route_name="functions.ask_no_more", request_method="POST", permission=SIGNED_IN)
def ask_no_more(request: Request) -> HTTPSeeOther:
    """Take it back."""
    plugin = _asked_for(request)
    Wishes(request.db, request.viewer).ask_no_more(plugin)
    request.notice(_("You do not ask for it any more."), "info")
    form, _errors = parse(AskForm, request.POST)
    return HTTPSeeOther(_back(request, form))


def _word(request: Request, name: str, rung: Rung) -> Any:
    if rung.is_retiring:
        return _("Being retired")
    if rung.stage == "pilot":
        return _("You take part in a pilot") if request.reach.has(name) else _("Others try it at the moment")
    if rung.stage == "opt_in":
        return _("In some spaces")
    return _("For everybody")


def _asked_for(request: Request) -> str:
    """The function in the address.

    :raises HTTPNotFound: for one that nobody has, the same as for one that is not installed.
    """
    _only_colleagues(request)
    plugin = request.matchdict["plugin"]
    if plugin not in _introduced(request):
        raise HTTPNotFound()
    return str(plugin)


def _introduced(request: Request) -> dict[str, Rung]:
    """The functions that somebody has, by name."""
    rungs = request.viewer.ladder.rungs
    return {name: rungs[name] for name in of_spaces(request.installed) & set(rungs) if not rungs[name].is_off}


def _only_colleagues(request: Request) -> None:
    """A guest is invited to a space, and takes what is there."""
    if request.viewer.kind != "person":
        raise HTTPForbidden()


def _back(request: Request, form: AskForm | None) -> str:
    home = str(request.route_path("functions"))
    return safe_path(form.next, home) if form is not None and form.next else home
