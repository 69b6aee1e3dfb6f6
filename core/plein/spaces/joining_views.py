"""Joining and leaving a space, and the answers of its managers to whoever asked."""

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.contributions import NotificationType
from plein.events import emit
from plein.security.permissions import SIGNED_IN
from plein.spaces.answers import address, refused, to_home, to_members
from plein.spaces.contexts import SpaceContext
from plein.spaces.errors import SpaceError
from plein.spaces.forms import JoinForm
from plein.spaces.inspections import managers
from plein.spaces.joining import Joining
from plein.spaces.models import ASKED, DECLINED
from plein.spaces.permissions import MEMBERS
from plein.spaces.telling import ASKED_IN, DECLINED_IN, LET_IN
from plein.web.forms import parse
from plein.web.i18n import _

#: A group of hundreds may manage a space; not all of them are told of each request.
MOST_MANAGERS = 20


def _joining(context: SpaceContext, request: Request) -> Joining:
    return Joining(request.db, request.viewer, context.space)


@view_config(route_name="space.join", request_method="POST", permission=SIGNED_IN)
def join(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Join, or ask to."""
    undo = address(context, request, "space.leave")
    name = {"name": context.space.name}
    form, errors = parse(JoinForm, request.POST)
    if form is None:
        request.notice(next(iter(errors.values())), "error")
        return to_home(request, context.space)
    try:
        outcome = _joining(context, request).join(form.note, request.plein["plein.request_days"])
    except SpaceError as error:
        refused(request, error)
    else:
        if outcome == "joined":
            request.notice(_("You are now a member of ${name}.", mapping=name), undo=undo)
        elif outcome == "asked":
            _tell_managers(context, request)
            request.notice(_("You asked to join ${name}. Its managers will answer.", mapping=name), undo=undo)
        else:
            request.notice(_("You belong to ${name} already, or asked to join before.", mapping=name), "info")
    return to_home(request, context.space)


@view_config(route_name="space.leave", request_method="POST", permission=SIGNED_IN)
def leave(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Leave, or take back the request."""
    space = context.space
    name = {"name": space.name}
    joining = _joining(context, request)
    try:
        role = joining.leave()
    except SpaceError as error:
        refused(request, error)
        return to_home(request, space)
    # Joining again gives back no more than membership, so nothing else is called undo.
    again = address(context, request, "space.join")
    if role in (ASKED, DECLINED):
        request.notice(_("Your request to join ${name} is taken back.", mapping=name), undo=again)
        return to_home(request, space)
    group = joining.group_that_keeps(request.viewer.user_id)
    if group:
        name |= {"group": group}
        request.notice(_("You left ${name} yourself. By the group ${group} you are still in it.", mapping=name), "info")
        return to_home(request, space)
    may_return = role == "member" and space.access == "open" and space.archived_at is None
    request.notice(_("You left ${name}.", mapping=name), undo=again if may_return else None)
    return HTTPSeeOther(request.route_path("space.list")) if space.access == "hidden" else to_home(request, space)


@view_config(route_name="space.request_approve", request_method="POST", permission=MEMBERS)
def approve(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Let in who asked."""
    user_id = int(request.matchdict["user"])
    try:
        member = _joining(context, request).approve(user_id)
    except SpaceError as error:
        refused(request, error)
    else:
        _tell_who_asked(context, request, user_id, LET_IN)
        request.notice(
            _("${name} is now a member.", mapping={"name": member.name}),
            undo=address(context, request, "space.member_remove", user=user_id),
        )
    return to_members(context, request)


@view_config(route_name="space.request_decline", request_method="POST", permission=MEMBERS)
def decline(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Refuse a request."""
    user_id = int(request.matchdict["user"])
    try:
        member = _joining(context, request).decline(user_id)
    except SpaceError as error:
        refused(request, error)
    else:
        _tell_who_asked(context, request, user_id, DECLINED_IN)
        request.notice(_("The request of ${name} is declined.", mapping={"name": member.name}))
    return to_members(context, request)


def _tell_managers(context: SpaceContext, request: Request) -> None:
    """Say to the managers that somebody asks."""
    emit(
        request.db,
        ASKED_IN.name,
        actor_id=request.viewer.user_id,
        space_id=context.space.id,
        addressed=[manager.id for manager in managers(request.db, context.space.id)[:MOST_MANAGERS]],
        details={"path": address(context, request, "space.members").removeprefix(request.script_name)},
    )


def _tell_who_asked(context: SpaceContext, request: Request, user_id: int, kind: NotificationType) -> None:
    """Say to who asked what became of it."""
    emit(request.db, kind.name, actor_id=request.viewer.user_id, space_id=context.space.id, addressed=[user_id])
