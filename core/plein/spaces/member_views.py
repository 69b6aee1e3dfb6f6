"""The page on which managers decide who belongs to a space: people and groups.

Each button is a form of its own that posts and comes back with a notice, and with an undo where there is one.
"""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.spaces import words
from plein.spaces.answers import address, refused, to_members
from plein.spaces.contexts import SpaceContext
from plein.spaces.errors import NotAllowed, SpaceError
from plein.spaces.forms import AddMemberForm, RoleForm
from plein.spaces.group_members import PREFIX, GroupInSpace, GroupMembers
from plein.spaces.joining import Joining
from plein.spaces.members import Member, Members
from plein.spaces.models import ROLES
from plein.spaces.permissions import MEMBERS, VIEW
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

PAGE = "plein:templates/spaces/members.pt"


def _members(context: SpaceContext, request: Request) -> Members:
    return Members(request.db, request.viewer, context.space)


def _groups(context: SpaceContext, request: Request) -> GroupMembers:
    return GroupMembers(request.db, request.viewer, context.space)


@view_config(route_name="space.members", request_method="GET", permission=VIEW, renderer=PAGE)
def members(context: SpaceContext, request: Request) -> dict[str, Any]:
    """Who belongs to the space; for managers also who asks to, and a way to add people and groups."""
    return _page(context, request, {"role": "member"}, {})


@view_config(route_name="space.members", request_method="POST", permission=MEMBERS, renderer=PAGE)
def add(context: SpaceContext, request: Request) -> Any:
    """Add a person or a group."""
    form, errors = parse(AddMemberForm, request.POST)
    if form is not None:
        try:
            _add(context, request, form)
        except NotAllowed as error:
            refused(request, error)
        except SpaceError as error:
            errors = {error.field: error.sentence}
        else:
            return to_members(context, request)
    request.response.status_code = 422
    return _page(context, request, typed(request.POST), errors)


def _add(context: SpaceContext, request: Request, form: AddMemberForm) -> None:
    if form.who.startswith(PREFIX):
        group = _groups(context, request).add(form.who, form.role)
        request.notice(
            _("The group ${name} is now in this space.", mapping={"name": group.name}),
            undo=address(context, request, "space.group_remove", group=group.id),
        )
    else:
        member = _members(context, request).add(form.who, form.role)
        request.notice(
            _("${name} is now a member.", mapping={"name": member.name}),
            undo=address(context, request, "space.member_remove", user=member.user_id),
        )


@view_config(route_name="space.member_role", request_method="POST", permission=MEMBERS)
def change_role(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Give a member another role."""
    user_id = int(request.matchdict["user"])
    gives_up = user_id == request.viewer.user_id
    return _changed_role(context, request, lambda role: _members(context, request).set_role(user_id, role), gives_up)


@view_config(route_name="space.group_role", request_method="POST", permission=MEMBERS)
def change_group_role(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Give a group another role."""
    group_id = int(request.matchdict["group"])
    return _changed_role(context, request, lambda role: _groups(context, request).set_role(group_id, role))


def _changed_role(context: SpaceContext, request: Request, change: Any, gives_up: bool = False) -> HTTPSeeOther:
    form, _errors = parse(RoleForm, request.POST)
    if form is None:
        request.notice(_("Choose a role."), "error")
        return to_members(context, request)
    try:
        before: Member | GroupInSpace = change(form.role)
    except SpaceError as error:
        refused(request, error)
        return to_members(context, request)
    if before.role != form.role:
        role = request.localizer.translate(words.ROLE_NAMES[form.role]).lower()
        undo = {"url": request.path, "values": {"role": before.role}}
        request.notice(
            _("The role of ${name} is now: ${role}.", mapping={"name": before.name, "role": role}),
            # Who is no manager any more cannot make themselves one again.
            undo=None if gives_up and before.role == "manager" else undo,
        )
    return to_members(context, request)


@view_config(route_name="space.member_remove", request_method="POST", permission=MEMBERS)
def remove(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Take a member out of the space."""
    user_id = int(request.matchdict["user"])
    try:
        before = _members(context, request).remove(user_id)
    except SpaceError as error:
        refused(request, error)
        return to_members(context, request)
    if user_id == request.viewer.user_id:
        request.notice(_("You left ${name}.", mapping={"name": context.space.name}))
        return HTTPSeeOther(request.route_path("space.list"))
    message = _("${name} is no longer in this space.", mapping={"name": before.name})
    request.notice(message, undo=_put_back(context, request, before.login, before.role))
    return to_members(context, request)


@view_config(route_name="space.group_remove", request_method="POST", permission=MEMBERS)
def remove_group(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Take a group out of the space."""
    try:
        before = _groups(context, request).remove(int(request.matchdict["group"]))
    except SpaceError as error:
        refused(request, error)
        return to_members(context, request)
    message = _("The group ${name} is no longer in this space.", mapping={"name": before.name})
    request.notice(message, undo=_put_back(context, request, PREFIX + before.slug, before.role))
    return to_members(context, request)


def _put_back(context: SpaceContext, request: Request, who: str, role: str) -> dict[str, Any] | None:
    """The undo of taking somebody out; there is none for a request."""
    if role not in ROLES:
        return None
    return {"url": address(context, request, "space.members"), "values": {"who": who, "role": role}}


def _page(context: SpaceContext, request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    listed = Joining(request.db, request.viewer, context.space)
    decides = request.has_permission(MEMBERS)
    after = request.GET.get("after", "")[:300]
    return {
        "space": context.space,
        "values": values,
        "errors": errors,
        "decides": decides,
        "listed": listed.page(after=after),
        "groups": _groups(context, request).all(),
        "count": listed.count(),
        "after": after,
        "requests": listed.requests() if decides else [],
        "words": words,
    }
