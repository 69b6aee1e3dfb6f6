"""Joining and leaving a space, and the page on which its managers decide who belongs to it.

Each button is a form of its own that posts and comes back with a notice, and with an undo where there is one.
"""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.security.permissions import SIGNED_IN
from plein.spaces import words
from plein.spaces.contexts import SpaceContext
from plein.spaces.errors import NotAllowed, SpaceError
from plein.spaces.forms import AddMemberForm, RoleForm
from plein.spaces.members import ASKED, Members
from plein.spaces.models import ROLES
from plein.spaces.permissions import MEMBERS, VIEW
from plein.spaces.views import to_home
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

PAGE = "plein:templates/spaces/members.pt"


def _members(context: SpaceContext, request: Request) -> Members:
    return Members(request.db, request.viewer, context.space)


def _address(context: SpaceContext, request: Request, route: str, **parts: Any) -> str:
    return str(request.route_path(route, space=context.space.slug, **parts))


def _to_members(context: SpaceContext, request: Request) -> HTTPSeeOther:
    return HTTPSeeOther(_address(context, request, "space.members"))


def _refused(request: Request, error: SpaceError) -> None:
    """Tell why not. Who lost the right since the page was made gets the page that says so.

    :raises HTTPForbidden: for NotAllowed.
    """
    if isinstance(error, NotAllowed):
        raise HTTPForbidden(error.sentence) from error
    request.notice(error.sentence, "error")


@view_config(route_name="space.join", request_method="POST", permission=SIGNED_IN)
def join(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Join, or ask to."""
    undo = _address(context, request, "space.leave")
    name = {"name": context.space.name}
    try:
        outcome = _members(context, request).join()
    except SpaceError as error:
        _refused(request, error)
    else:
        if outcome == "joined":
            request.notice(_("You are now a member of ${name}.", mapping=name), undo=undo)
        elif outcome == "asked":
            request.notice(_("You asked to join ${name}. Its managers will answer.", mapping=name), undo=undo)
        else:
            request.notice(_("You belong to ${name} already, or asked to join before.", mapping=name), "info")
    return to_home(request, context.space)


@view_config(route_name="space.leave", request_method="POST", permission=SIGNED_IN)
def leave(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Leave, or take back the request."""
    space = context.space
    name = {"name": space.name}
    try:
        role = _members(context, request).leave()
    except SpaceError as error:
        _refused(request, error)
        return to_home(request, space)
    # Joining again gives back no more than membership, so nothing else is called undo.
    again = _address(context, request, "space.join")
    if role == ASKED:
        request.notice(_("Your request to join ${name} is taken back.", mapping=name), undo=again)
    else:
        may_return = role == "member" and space.access == "open"
        request.notice(_("You left ${name}.", mapping=name), undo=again if may_return else None)
    if space.access == "hidden":
        return HTTPSeeOther(request.route_path("space.list"))
    return to_home(request, space)


@view_config(route_name="space.members", request_method="GET", permission=VIEW, renderer=PAGE)
def members(context: SpaceContext, request: Request) -> dict[str, Any]:
    """Who belongs to the space; for managers also who asks to, and a way to add people."""
    return _page(context, request, {"role": "member"}, {})


@view_config(route_name="space.members", request_method="POST", permission=MEMBERS, renderer=PAGE)
def add(context: SpaceContext, request: Request) -> Any:
    """Add a person."""
    form, errors = parse(AddMemberForm, request.POST)
    if form is not None:
        try:
            member = _members(context, request).add(form.who, form.role)
        except NotAllowed as error:
            _refused(request, error)
        except SpaceError as error:
            errors = {error.field: error.sentence}
        else:
            request.notice(
                _("${name} is now a member.", mapping={"name": member.name}),
                undo=_address(context, request, "space.member_remove", user=member.user_id),
            )
            return _to_members(context, request)
    request.response.status_code = 422
    return _page(context, request, typed(request.POST), errors)


@view_config(route_name="space.member_role", request_method="POST", permission=MEMBERS)
def change_role(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Give a member another role."""
    form, _errors = parse(RoleForm, request.POST)
    if form is None:
        request.notice(_("Choose a role."), "error")
        return _to_members(context, request)
    user_id = int(request.matchdict["user"])
    try:
        before = _members(context, request).set_role(user_id, form.role)
    except SpaceError as error:
        _refused(request, error)
        return _to_members(context, request)
    if before.role != form.role:
        role = request.localizer.translate(words.ROLE_NAMES[form.role]).lower()
        gave_up = user_id == request.viewer.user_id and before.role == "manager"
        undo = {"url": request.path, "values": {"role": before.role}}
        request.notice(
            _("The role of ${name} is now: ${role}.", mapping={"name": before.name, "role": role}),
            undo=None if gave_up else undo,
        )
    return _to_members(context, request)


@view_config(route_name="space.member_remove", request_method="POST", permission=MEMBERS)
def remove(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Take a member out of the space."""
    user_id = int(request.matchdict["user"])
    try:
        before = _members(context, request).remove(user_id)
    except SpaceError as error:
        _refused(request, error)
        return _to_members(context, request)
    if user_id == request.viewer.user_id:
        request.notice(_("You left ${name}.", mapping={"name": context.space.name}))
        return HTTPSeeOther(request.route_path("space.list"))
    undo = {
        "url": _address(context, request, "space.members"),
        "values": {"who": before.login, "role": before.role if before.role in ROLES else "member"},
    }
    message = _("${name} is no longer in this space.", mapping={"name": before.name})
    request.notice(message, undo=undo if before.role in ROLES else None)
    return _to_members(context, request)


@view_config(route_name="space.request_approve", request_method="POST", permission=MEMBERS)
def approve(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Let in who asked."""
    user_id = int(request.matchdict["user"])
    try:
        member = _members(context, request).approve(user_id)
    except SpaceError as error:
        _refused(request, error)
    else:
        request.notice(
            _("${name} is now a member.", mapping={"name": member.name}),
            undo=_address(context, request, "space.member_remove", user=user_id),
        )
    return _to_members(context, request)


@view_config(route_name="space.request_decline", request_method="POST", permission=MEMBERS)
def decline(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Refuse a request."""
    try:
        member = _members(context, request).decline(int(request.matchdict["user"]))
    except SpaceError as error:
        _refused(request, error)
    else:
        request.notice(_("The request of ${name} is declined.", mapping={"name": member.name}))
    return _to_members(context, request)


def _page(context: SpaceContext, request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    listed = _members(context, request)
    decides = request.has_permission(MEMBERS)
    after = request.GET.get("after", "")[:300]
    return {
        "space": context.space,
        "values": values,
        "errors": errors,
        "decides": decides,
        "listed": listed.page(after=after),
        "count": listed.count(),
        "after": after,
        "requests": listed.requests() if decides else [],
        "words": words,
    }
