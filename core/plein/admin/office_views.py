"""The page of offices: who holds which, what each may do, giving and taking."""

from typing import Any, Literal

from pydantic import Field
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.admin.permissions import PERMISSION
from plein.people.finding import NoSuchPerson, find_person
from plein.people.models import User
from plein.people.offices import OFFICE_HINTS, OFFICES, SITE_ROLE_NAMES, OfficeError, OfficeService
from plein.people.services import PeopleService
from plein.security.matrix import Matrix
from plein.spaces.matrix_page import title_of
from plein.web.forms import Errors, Form, parse, typed
from plein.web.i18n import _

PAGE = "plein:templates/admin/offices.pt"

_NOTICES = {
    "give": _("${name} now has the role: ${office}."),
    "take": _("${name} no longer has the role: ${office}."),
}


class OfficeForm(Form):
    """``do``: give or take."""

    do: Literal["give", "take"] = "give"
    who: str = Field(min_length=1, max_length=200)
    office: Literal["admin", "people_manager", "moderator", "analyst", "content_officer"]


@view_config(route_name="admin.offices", request_method="GET", permission=PERMISSION, renderer=PAGE)
def offices(request: Request) -> dict[str, Any]:
    """Each office with what it may do and who holds it."""
    return _page(request, {}, {})


@view_config(route_name="admin.offices", request_method="POST", permission=PERMISSION, renderer=PAGE)
def change_offices(request: Request) -> Any:
    """Give somebody an office, or take it."""
    form, errors = parse(OfficeForm, request.POST)
    if form is not None:
        service = OfficeService(request.db, request.viewer)
        try:
            user = _person(request, form)
            done = (service.give if form.do == "give" else service.take)(user, form.office)
        except (NoSuchPerson, OfficeError) as error:
            errors = {"who": error.sentence}
        else:
            _tell(request, form, user, done)
            # Whoever gave up their own administration has nothing to do here any more.
            gave_up = form.do == "take" and form.office == "admin" and user.id == request.viewer.user_id
            return HTTPSeeOther(request.route_path("home" if gave_up else "admin.offices"))
    request.response.status_code = 422
    return _page(request, typed(request.POST), errors)


def _person(request: Request, form: OfficeForm) -> User:
    """Who is meant. A holder is found by login also when their account does not work any more."""
    found = PeopleService(request.db).find(form.who) if form.do == "take" else None
    if found is None:
        user = request.db.get(User, find_person(request.db, request.viewer, form.who).id)
        if user is None:
            raise NoSuchPerson(_("There is nobody by this name."))
        return user
    return found


def _tell(request: Request, form: OfficeForm, user: User, done: bool) -> None:
    if not done:
        request.notice(_("Nothing was changed."), "info")
        return
    office = request.localizer.translate(SITE_ROLE_NAMES[form.office])
    message = _(_NOTICES[form.do], mapping={"name": user.name, "office": office})
    inverse = {"do": "take" if form.do == "give" else "give", "who": user.login, "office": form.office}
    request.notice(message, undo={"url": request.route_path("admin.offices"), "values": inverse})


def _page(request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    holders = OfficeService(request.db, request.viewer).holders()
    matrix = Matrix(request.db, request.plugins.permissions)
    rows = list(matrix.rows("site"))
    may = {
        office: [
            title_of(request, row.permission.name)
            for row in rows
            if any(cell.role == office and cell.allowed for cell in row.cells)
        ]
        for office in OFFICES
    }
    return {
        "offices": [
            {
                "name": office,
                "title": SITE_ROLE_NAMES[office],
                "hint": OFFICE_HINTS[office],
                "may": may[office],
                "holders": holders[office],
            }
            for office in OFFICES
        ],
        "options": [(office, SITE_ROLE_NAMES[office]) for office in OFFICES],
        "values": values,
        "errors": errors,
    }
