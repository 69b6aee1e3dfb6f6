"""Where somebody is signed in, and what happened with their account: so that they see it when it was somebody else."""

from collections.abc import Sequence
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.audit.models import AuditEntry
from plein.people.acts import ACTS
from plein.people.agents import describe_agent
from plein.people.methods import methods
from plein.people.second_factor.acts import ACTS as FACTOR_ACTS
from plein.people.sessions import SessionService, idle_time
from plein.security.permissions import SIGNED_IN
from plein.web.i18n import _

#: Lines of the history.
HISTORY = 20

_TITLES = {**ACTS, **FACTOR_ACTS}
#: Acts that somebody wants to know of when they were not theirs.
_STARTS = ("session.", "password.", "identity.", "account.link", "second_factor.", "recovery_codes.")

_METHODS = {"password": _("Name and password"), "link": _("A link")}


@view_config(
    route_name="me.sessions", request_method="GET", permission=SIGNED_IN, renderer="plein:templates/people/sessions.pt"
)
def devices(request: Request) -> dict[str, Any]:
    viewer = request.viewer
    found = SessionService(request.db).devices(
        viewer.user_id, idle=idle_time(request), idle_renews=idle_time(request, renews=True)
    )
    names = {**_METHODS, **{way.name: way.title for way in methods(request.registry).values()}}
    return {
        "devices": found,
        "current": viewer.session_id,
        "describe": describe_agent,
        "names": names,
        "history": history(request.db, viewer.user_id),
        "titles": _TITLES,
    }


def history(db: Session, user_id: int) -> Sequence[Row[Any]]:
    """The last acts with this account, newest first: at, action, result, origin, details."""
    of_account = (AuditEntry.object_type == "user", AuditEntry.object_id == str(user_id))
    is_told = AuditEntry.action.in_([action for action in _TITLES if action.startswith(_STARTS)])
    return db.execute(
        select(AuditEntry.at, AuditEntry.action, AuditEntry.result, AuditEntry.origin, AuditEntry.details)
        .where(*of_account, is_told)
        .order_by(AuditEntry.number.desc())
        .limit(HISTORY)
    ).all()


@view_config(route_name="me.sessions.end", request_method="POST", permission=SIGNED_IN)
def end_device(request: Request) -> Any:
    if not SessionService(request.db).end(request.viewer.user_id, int(request.matchdict["id"])):
        raise HTTPNotFound()
    record(request.db, "session.ended", "user", request.viewer.user_id, reason="own device")
    request.notice(_("That device is signed out."))
    return HTTPSeeOther(request.route_path("me.sessions"))


@view_config(route_name="me.sessions.end_others", request_method="POST", permission=SIGNED_IN)
def end_other_devices(request: Request) -> Any:
    SessionService(request.db).end_all(request.viewer.user_id, keep=request.viewer.session_id)
    record(request.db, "session.ended", "user", request.viewer.user_id, reason="other devices")
    request.notice(_("All other devices are signed out."))
    return HTTPSeeOther(request.route_path("me.sessions"))
