"""Pages of groups: for every colleague to see who works with whom, for people managers to keep them."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.people import group_words as words
from plein.people.finding import NoSuchPerson, find_group, find_person
from plein.people.group_forms import GroupForm, GroupInGroupForm, PersonInGroupForm
from plein.people.groups import KINDS, GroupError, GroupService
from plein.people.models import Group, User
from plein.people.permissions import MANAGE, VIEW
from plein.web.blocks import blocks
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

LIST = "plein:templates/groups/list.pt"
SHOW = "plein:templates/groups/show.pt"
FORM = "plein:templates/groups/form.pt"
DELETE = "plein:templates/groups/delete.pt"


def _service(request: Request) -> GroupService:
    return GroupService(request.db, request.viewer)


def _group(request: Request) -> Group:
    group = _service(request).find(request.matchdict["group"])
    if group is None:
        raise HTTPNotFound()
    return group


def _back(request: Request, group: Group) -> HTTPSeeOther:
    return HTTPSeeOther(request.route_path("groups.show", group=group.slug))


@view_config(route_name="groups.list", request_method="GET", permission=VIEW, renderer=LIST)
def list_groups(request: Request) -> dict[str, Any]:
    """Groups by name; a link holds every choice made."""
    text, after = request.GET.get("q", "")[:100].strip(), request.GET.get("after", "")[:300]
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    page = _service(request).page(text=text, kind=kind, after=after)
    return {"page": page, "text": text, "kind": kind, "after": after, "words": words}


@view_config(route_name="groups.show", request_method="GET", permission=VIEW, renderer=SHOW)
def show_group(request: Request) -> dict[str, Any]:
    """Who is in a group, which groups are in it, and which it is in."""
    return _page(request, _group(request), {}, {})


def _page(request: Request, group: Group, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    groups = _service(request)
    after = request.GET.get("after", "")[:300]
    manages = bool(request.has_permission(MANAGE))
    return {
        "group": group,
        "people": groups.people(group, after=after),
        "count": groups.count(group),
        "after": after,
        "children": groups.inside(group),
        "parents": groups.around(group),
        "blocks": blocks(request, "group.main", group),
        "manages": manages,
        "keeps": manages and group.source is None,
        "may_delete": manages and (group.source is None or groups.is_empty(group)),
        "values": values,
        "errors": errors,
        "words": words,
    }


def _refused(request: Request, group: Group, errors: Errors) -> dict[str, Any]:
    request.response.status_code = 422
    return _page(request, group, typed(request.POST), errors)


# -- keeping them ---------------------------------------------------------------------------------------------------


@view_config(route_name="groups.new", request_method="GET", permission=MANAGE, renderer=FORM)
def new_group(request: Request) -> dict[str, Any]:
    return {"group": None, "values": {"kind": "department"}, "errors": {}, "words": words}


@view_config(route_name="groups.new", request_method="POST", permission=MANAGE, renderer=FORM)
def create_group(request: Request) -> Any:
    form, errors = parse(GroupForm, request.POST)
    if form is not None:
        try:
            group = _service(request).create(**form.model_dump())
        except GroupError as error:
            errors = {error.field: error.sentence}
        else:
            request.notice(_("The group ${name} is there. Put people in it.", mapping={"name": group.name}))
            return _back(request, group)
    request.response.status_code = 422
    return {"group": None, "values": typed(request.POST), "errors": errors, "words": words}


@view_config(route_name="groups.edit", request_method="GET", permission=MANAGE, renderer=FORM)
def edit_group(request: Request) -> dict[str, Any]:
    group = _group(request)
    return {"group": group, "values": _values(group), "errors": {}, "words": words}


@view_config(route_name="groups.edit", request_method="POST", permission=MANAGE, renderer=FORM)
def change_group(request: Request) -> Any:
    group = _group(request)
    before = _values(group)
    form, errors = parse(GroupForm, request.POST)
    if form is not None:
        try:
            changed = _service(request).change(group, **form.model_dump())
        except GroupError as error:
            errors = {error.field: error.sentence}
        else:
            request.notice(_("Saved."), undo={"url": request.path, "values": before} if changed else None)
            return _back(request, group)
    request.response.status_code = 422
    return {"group": group, "values": typed(request.POST), "errors": errors, "words": words}


def _values(group: Group) -> dict[str, str]:
    return {"name": group.name, "kind": group.kind, "description": group.description}


@view_config(route_name="groups.delete", request_method="GET", permission=MANAGE, renderer=DELETE)
def ask_to_delete(request: Request) -> dict[str, Any]:
    """What goes away with a group cannot be put back, so this asks."""
    group = _group(request)
    return {"group": group, "count": _service(request).count(group)}


@view_config(route_name="groups.delete", request_method="POST", permission=MANAGE)
def delete_group(request: Request) -> Any:
    group = _group(request)
    try:
        _service(request).delete(group)
    except GroupError as error:
        request.notice(error.sentence, "error")
        return _back(request, group)
    request.notice(_("The group ${name} is gone.", mapping={"name": group.name}))
    return HTTPSeeOther(request.route_path("groups.list"))


@view_config(route_name="groups.add", request_method="POST", permission=MANAGE, renderer=SHOW)
def add_person(request: Request) -> Any:
    group = _group(request)
    form, errors = parse(PersonInGroupForm, request.POST)
    if form is None:
        return _refused(request, group, errors)
    try:
        person = find_person(request.db, request.viewer, form.who)
        added = _service(request).add(group, person.id)
    except (GroupError, NoSuchPerson) as error:
        return _refused(request, group, {"who": error.sentence})
    names = {"name": person.name, "group": group.name}
    if added:
        undo = request.route_path("groups.remove", group=group.slug, user=person.id)
        request.notice(_("${name} is in ${group} now.", mapping=names), undo=undo)
    else:
        request.notice(_("${name} was in ${group} already.", mapping=names))
    return _back(request, group)


@view_config(route_name="groups.remove", request_method="POST", permission=MANAGE)
def remove_person(request: Request) -> Any:
    group = _group(request)
    person = request.db.execute(
        select(User.id, User.login, User.name).where(User.id == int(request.matchdict["user"]))
    ).one_or_none()
    if person is None:
        raise HTTPNotFound()
    try:
        removed = _service(request).remove(group, person.id)
    except GroupError as error:
        request.notice(error.sentence, "error")
        return _back(request, group)
    names = {"name": person.name, "group": group.name}
    if removed:
        undo = {"url": request.route_path("groups.add", group=group.slug), "values": {"who": person.login}}
        request.notice(_("${name} is no longer in ${group}.", mapping=names), undo=undo)
    else:
        request.notice(_("${name} was not put into ${group} itself.", mapping=names), "warning")
    return _back(request, group)


@view_config(route_name="groups.nest", request_method="POST", permission=MANAGE, renderer=SHOW)
def nest_group(request: Request) -> Any:
    group = _group(request)
    form, errors = parse(GroupInGroupForm, request.POST)
    if form is None:
        return _refused(request, group, errors)
    try:
        child = request.db.get(Group, find_group(request.db, request.viewer, form.child).id)
        nested = _service(request).nest(group, child)
    except (GroupError, NoSuchPerson) as error:
        return _refused(request, group, {"child": error.sentence})
    names = {"name": child.name, "group": group.name}
    if nested:
        undo = request.route_path("groups.unnest", group=group.slug, child=child.slug)
        request.notice(_("Everybody in ${name} is in ${group} now.", mapping=names), undo=undo)
    else:
        request.notice(_("${name} was in ${group} already.", mapping=names))
    return _back(request, group)


@view_config(route_name="groups.unnest", request_method="POST", permission=MANAGE)
def unnest_group(request: Request) -> Any:
    group = _group(request)
    child = _service(request).find(request.matchdict["child"])
    if child is None:
        raise HTTPNotFound()
    try:
        taken_out = _service(request).unnest(group, child)
    except GroupError as error:
        request.notice(error.sentence, "error")
        return _back(request, group)
    if taken_out:
        undo = {"url": request.route_path("groups.nest", group=group.slug), "values": {"child": f"group:{child.slug}"}}
        names = {"name": child.name, "group": group.name}
        request.notice(_("${name} is no longer in ${group}.", mapping=names), undo=undo)
    return _back(request, group)
