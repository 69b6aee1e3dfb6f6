"""Handing over what somebody owned who left, and the list of what waits for it."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.admin.attention_people import guests_without_sponsor
from plein.admin.handover import Handover, waiting
from plein.content.freshness.leaving import WAIT
from plein.db import open_session
from plein.people.finding import NoSuchPerson
from plein.people.offices import may_keep
from plein.people.permissions import MANAGE
from plein.people.services import PeopleService
from plein.spaces.models import Space
from plein.web.i18n import _

LIST = "plein:templates/admin/handovers.pt"
PAGE = "plein:templates/admin/handover.pt"


@view_config(route_name="admin.handover", request_method="GET", permission=MANAGE, renderer=LIST)
def list_waiting(request: Request) -> dict[str, Any]:
    """People who left and own something, and guests for whom nobody answers."""
    return {"people": waiting(request.registry["plein.engine"]), "guests": guests_without_sponsor(request.db)}


@view_config(route_name="admin.users.handover", request_method="GET", permission=MANAGE, renderer=PAGE)
def show_estate(request: Request) -> dict[str, Any]:
    """What somebody owns, space by space, and who would take it."""
    user, handover = _handover(request)
    return {"user": user, "estates": handover.estates(), "errors": {}, "values": {}, "days": WAIT.days}


@view_config(route_name="admin.users.handover", request_method="POST", permission=MANAGE, renderer=PAGE)
def hand_over(request: Request) -> Any:
    """One space's items, or all that somebody is proposed for. In a transaction of its own: the request's session reads
    nothing here, and holds no lock."""
    user, handover = _handover(request)
    uid, login, role = (request.POST.get(name, "")[:200].replace("\0", "") for name in ("space", "login", "role"))
    try:
        moved = handover.give(uid or None, login, role)
    except NoSuchPerson as error:
        request.response.status_code = 422
        errors = {f"login-{uid}": error.sentence}
        values = {f"login-{uid}": login}
        return {"user": user, "estates": handover.estates(), "errors": errors, "values": values, "days": WAIT.days}
    request.notice(
        _("Handed over: ${count}.", mapping={"count": moved}) if moved else _("There was nothing to hand over."),
        "done" if moved else "info",
    )
    return HTTPSeeOther(request.route_path("admin.users.handover", login=user.login))


def _handover(request: Request) -> tuple[Any, Handover]:
    engine = request.registry["plein.engine"]
    with open_session(engine, viewer=request.viewer) as db:
        user = PeopleService(db).find(request.matchdict["login"])
        if user is None:
            raise HTTPNotFound()
        if request.method == "POST" and not may_keep(db, request.viewer, user):
            raise HTTPForbidden(_("This account has a site role. Only an administrator can change it."))
        known = set(db.scalars(select(Space.id)))
    return user, Handover(engine, request.viewer, user.id, known, request.address)
