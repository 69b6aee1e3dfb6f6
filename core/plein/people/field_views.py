"""The fields of profiles, as administrators declare them."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.people.fields import FILLER_NAMES, KIND_NAMES, LEVEL_NAMES, FieldService, TooManyFields
from plein.people.profile_forms import FieldForm
from plein.people.profile_models import PersonField
from plein.security.permissions import ADMIN
from plein.web.forms import WHOLE_FORM, Errors, parse, typed
from plein.web.i18n import _

LIST = "plein:templates/people/fields.pt"
FORM = "plein:templates/people/field_form.pt"
DELETE = "plein:templates/people/field_delete.pt"


@view_config(route_name="admin.fields", request_method="GET", permission=ADMIN, renderer=LIST)
def list_fields(request: Request) -> dict[str, Any]:
    return {
        "fields": FieldService(request.db).all(),
        "kinds": KIND_NAMES,
        "levels": LEVEL_NAMES,
        "fillers": FILLER_NAMES,
    }


@view_config(route_name="admin.fields.new", request_method="GET", permission=ADMIN, renderer=FORM)
def new_field(request: Request) -> dict[str, Any]:
    return _page(None, {"kind": "text", "filled_by": "person", "level": "colleagues"}, {})


@view_config(route_name="admin.fields.new", request_method="POST", permission=ADMIN, renderer=FORM)
def create_field(request: Request) -> Any:
    form, errors = parse(FieldForm, request.POST)
    if form is not None:
        try:
            field = FieldService(request.db).create(form.values())
        except TooManyFields:
            errors = {WHOLE_FORM: _("There are as many fields as a profile can show. Remove one first.")}
        else:
            request.notice(_("The field ${title} is added.", mapping={"title": field.title}))
            return HTTPSeeOther(request.route_path("admin.fields"))
    request.response.status_code = 422
    return _page(None, typed(request.POST), errors)


@view_config(route_name="admin.fields.edit", request_method="GET", permission=ADMIN, renderer=FORM)
def edit_field(request: Request) -> dict[str, Any]:
    field = _field(request)
    return _page(field, _values(field), {})


@view_config(route_name="admin.fields.edit", request_method="POST", permission=ADMIN, renderer=FORM)
def change_field(request: Request) -> Any:
    field = _field(request)
    before = _values(field)
    form, errors = parse(FieldForm, request.POST)
    if form is None:
        request.response.status_code = 422
        return _page(field, typed(request.POST), errors)
    FieldService(request.db).change(field, form.values())
    undo = {name: "1" if value is True else value for name, value in before.items() if value is not False}
    request.notice(_("Saved."), undo={"url": request.path, "values": undo})
    return HTTPSeeOther(request.route_path("admin.fields"))


@view_config(route_name="admin.fields.move", request_method="POST", permission=ADMIN)
def move_field(request: Request) -> HTTPSeeOther:
    FieldService(request.db).move(_field(request), -1 if request.POST.get("to") == "up" else 1)
    return HTTPSeeOther(request.route_path("admin.fields"))


@view_config(route_name="admin.fields.delete", request_method="GET", permission=ADMIN, renderer=DELETE)
def ask_to_delete(request: Request) -> dict[str, Any]:
    """What people filled in goes with the field, and cannot come back: so here a question."""
    field = _field(request)
    return {"field": field, "count": FieldService(request.db).count_values(field)}


@view_config(route_name="admin.fields.delete", request_method="POST", permission=ADMIN)
def delete_field(request: Request) -> HTTPSeeOther:
    field = _field(request)
    FieldService(request.db).delete(field)
    request.notice(_("The field ${title} is removed.", mapping={"title": field.title}))
    return HTTPSeeOther(request.route_path("admin.fields"))


def _field(request: Request) -> PersonField:
    field = FieldService(request.db).find(request.matchdict["field"])
    if field is None:
        raise HTTPNotFound()
    return field


def _values(field: PersonField) -> dict[str, Any]:
    names = ("title", "help", "kind", "filled_by", "level", "may_choose", "in_filter")
    return {name: getattr(field, name) for name in names} | {"choices": "\n".join(field.choices)}


def _page(field: PersonField | None, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    return {
        "field": field,
        "values": values,
        "errors": errors,
        "kinds": list(KIND_NAMES.items()),
        "levels": list(LEVEL_NAMES.items()),
        "fillers": list(FILLER_NAMES.items()),
    }
