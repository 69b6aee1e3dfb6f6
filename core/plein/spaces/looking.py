"""Looking at a space as one of its roles, stopping that, and who of administration looked in."""

from typing import Any, Literal

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import null, update
from sqlalchemy.orm import Session

from plein.audit import record
from plein.people.models import SignInSession
from plein.security.permissions import SIGNED_IN
from plein.security.redirects import safe_path
from plein.security.viewer import ViewAs
from plein.spaces import inspections
from plein.spaces.contexts import SpaceContext
from plein.spaces.permissions import MANAGE
from plein.web.forms import Form, parse
from plein.web.i18n import _


class LookForm(Form):
    role: Literal["editor", "member", "reader", "visitor"]


def start_looking(db: Session, session_id: int | None, view_as: ViewAs) -> None:
    """Have a sign-in session look as *view_as* from the next request on."""
    kept = {
        "space_id": view_as.space_id,
        "role": view_as.role,
        "group_ids": list(view_as.group_ids),
        "title": view_as.title,
    }
    db.execute(update(SignInSession).where(SignInSession.id == session_id).values(view_as=kept))
    record(db, "session.looked_as", "session", session_id or "", role=view_as.role, groups=list(view_as.group_ids))


@view_config(route_name="space.view_as", request_method="POST", permission=MANAGE)
def look(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """See the space as somebody with another role in it."""
    form, _errors = parse(LookForm, request.POST)
    if form is None:
        request.notice(_("Choose a role."), "error")
        return HTTPSeeOther(request.route_path("space.access", space=context.space.slug))
    space = context.space
    start_looking(request.db, request.viewer.session_id, ViewAs(space_id=space.id, role=form.role, title=space.name))
    return HTTPSeeOther(safe_path(request.POST.get("next")))


@view_config(route_name="me.view_as_stop", request_method="POST", permission=SIGNED_IN, while_looking=True)
def stop(request: Request) -> HTTPSeeOther:
    """Be oneself again."""
    mine = SignInSession.id == request.viewer.session_id
    request.db.execute(update(SignInSession).where(mine).values(view_as=null()))
    request.notice(_("You see Plein as yourself again."), "info")
    return HTTPSeeOther(request.route_path("home"))


@view_config(
    route_name="space.inspections",
    request_method="GET",
    permission=MANAGE,
    renderer="plein:templates/spaces/inspections.pt",
)
def looked_in(context: SpaceContext, request: Request) -> dict[str, Any]:
    """Who of administration looked into the space, and why."""
    return {"space": context.space, "rows": inspections.of_space(request.db, context.space)}
