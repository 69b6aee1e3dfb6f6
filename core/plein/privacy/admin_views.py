"""Pages of whoever answers for the data of people: requests, freezing, erasing, and the register."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from plein.audit import record
from plein.db import db_unguarded, open_session, utcnow
from plein.jobs.context import parts_of
from plein.people.models import User
from plein.people.offices import may_keep
from plein.people.services import LastAdministratorError, PeopleService, fold_login
from plein.privacy.erasing import ErasureError, erase
from plein.privacy.forms import AnswerForm, EraseForm, ReasonForm
from plein.privacy.freezing import freeze, thaw
from plein.privacy.models import Erasure, PrivacyRequest, Restriction
from plein.privacy.permissions import ERASE, MANAGE
from plein.privacy.register import ERASED, HEAD, as_csv, register
from plein.privacy.tables import counts
from plein.privacy.views import KINDS
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

LIST = "plein:templates/privacy/requests.pt"
PERSON = "plein:templates/privacy/person.pt"
#: Requests and erasures that are shown.
SHOWN = 50

_LAST = _("This is the last administrator. Make somebody else administrator first.")


def _user(request: Request) -> User:
    user = PeopleService(request.db).find(request.matchdict["login"])
    if user is None:
        raise HTTPNotFound()
    return user


# -- requests ------------------------------------------------------------------------------------------------------


def _list(request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    asked = request.db.execute(
        select(PrivacyRequest, User.login, User.name)
        .join(User, User.id == PrivacyRequest.user_id)
        .order_by(PrivacyRequest.closed_at.is_not(None), PrivacyRequest.id.desc())
        .limit(SHOWN)
    ).all()
    erased = request.db.scalars(select(Erasure).order_by(Erasure.id.desc()).limit(SHOWN)).all()
    return {"asked": asked, "erased": erased, "kinds": KINDS, "values": values, "errors": errors}


@view_config(route_name="admin.privacy", request_method="GET", permission=MANAGE, renderer=LIST)
def requests(request: Request) -> Any:
    """What was asked, open ones first; or the way to a person whose login is given."""
    login = fold_login(request.GET.get("login", "")[:100])
    if login and PeopleService(request.db).find(login) is not None:
        return HTTPSeeOther(request.route_path("admin.privacy.person", login=login))
    errors = {"login": _("Nobody has this login.")} if login else {}
    return _list(request, {"login": login}, errors)


@view_config(route_name="admin.privacy.answer", request_method="POST", permission=MANAGE, renderer=LIST)
def answer(request: Request) -> Any:
    number = int(request.matchdict["id"])
    found = request.db.scalar(select(PrivacyRequest).where(PrivacyRequest.id == number))
    if found is None:
        raise HTTPNotFound()
    form, errors = parse(AnswerForm, request.POST)
    if form is None:
        request.response.status_code = 422
        mine = {f"answer-{number}": sentence for sentence in errors.values()}
        return _list(request, {f"answer-{number}": request.POST.get("answer", "")}, mine)
    found.answer, found.closed_at, found.closed_by_id = form.answer, utcnow(), request.viewer.user_id
    record(request.db, "privacy.answered", "privacy_request", number, kind=found.kind)
    request.notice(_("Answered."))
    return HTTPSeeOther(request.route_path("admin.privacy"))


# -- a person ------------------------------------------------------------------------------------------------------


def _person(request: Request, user: User, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    """What there is about a person, as numbers: who answers for data need not read it."""
    engine = request.registry["plein.engine"]
    with db_unguarded(engine, reason="preview of an erasure: how many rows there are") as db:
        found = counts(db, request.plugins, user.id)
    return {
        "person": user,
        "found": [(one.data, number) for one, number in found],
        "what": ERASED,
        "restriction": request.db.scalar(select(Restriction).where(Restriction.user_id == user.id)),
        "erasure": request.db.scalar(select(Erasure).where(Erasure.user_uid == user.uid)),
        "values": values,
        "errors": errors,
    }


@view_config(route_name="admin.privacy.person", request_method="GET", permission=MANAGE, renderer=PERSON)
def person(request: Request) -> dict[str, Any]:
    return _person(request, _user(request), {}, {})


@view_config(route_name="admin.privacy.freeze", request_method="POST", permission=MANAGE, renderer=PERSON)
def freeze_account(request: Request) -> Any:
    user = _user(request)
    if not may_keep(request.db, request.viewer, user):
        raise HTTPForbidden(_("This account has a site role. Only an administrator can change it."))
    form, errors = parse(ReasonForm, request.POST)
    if form is not None:
        try:
            freeze(request.db, user, reason=form.reason, by_id=request.viewer.user_id)
        except LastAdministratorError:
            errors = {"reason": _LAST}
        else:
            record(request.db, "account.frozen", "user", user.id)
            undo = request.route_path("admin.privacy.thaw", login=user.login)
            request.notice(_("${name} is frozen.", mapping={"name": user.name}), undo=undo)
            return HTTPSeeOther(request.route_path("admin.privacy.person", login=user.login))
    request.response.status_code = 422
    values = typed(request.POST)
    return _again(request, values, {f"freeze-{name}": sentence for name, sentence in errors.items()})


@view_config(route_name="admin.privacy.thaw", request_method="POST", permission=MANAGE)
def thaw_account(request: Request) -> Any:
    user = _user(request)
    if not may_keep(request.db, request.viewer, user):
        raise HTTPForbidden(_("This account has a site role. Only an administrator can change it."))
    thaw(request.db, user)
    record(request.db, "account.thawed", "user", user.id)
    request.notice(_("${name} is not frozen any more.", mapping={"name": user.name}))
    return HTTPSeeOther(request.route_path("admin.privacy.person", login=user.login))


@view_config(route_name="admin.privacy.erase", request_method="POST", permission=ERASE, renderer=PERSON)
def erase_person(request: Request) -> Any:
    """In a transaction of its own that sees everything: the request's session is not used before, and holds no lock."""
    form, errors = parse(EraseForm, request.POST)
    login = fold_login(request.matchdict["login"])
    uid = _uid(request, login)
    if form is not None and fold_login(form.login) != login:
        form, errors = None, {"login": _("This is not the login of this person.")}
    if form is not None:
        try:
            done = erase(
                parts_of(request.registry),
                uid,
                reason=form.reason,
                actor_id=request.viewer.user_id,
                origin=request.address,
            )
        except ErasureError as error:
            errors = {
                "reason": _LAST if str(error) == "last" else _("You cannot erase yourself. Ask another administrator.")
            }
        else:
            if done is None:
                raise HTTPNotFound()
            request.notice(
                _("The person is erased. What is left stands under ${name}.", mapping={"name": done.pseudonym})
            )
            return HTTPSeeOther(request.route_path("admin.privacy.person", login=done.pseudonym))
    request.response.status_code = 422
    values = {f"erase-{name}": value for name, value in typed(request.POST).items()}
    return _again(request, values, {f"erase-{name}": sentence for name, sentence in errors.items()})


def _uid(request: Request, login: str) -> str:
    with open_session(request.registry["plein.engine"]) as db:
        uid = db.scalar(select(User.uid).where(User.login == login))
    if uid is None:
        raise HTTPNotFound()
    return str(uid)


def _again(request: Request, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    """The page again, with what is wrong."""
    return _person(request, _user(request), values, errors)


# -- the register --------------------------------------------------------------------------------------------------


@view_config(
    route_name="admin.privacy.register",
    request_method="GET",
    permission=MANAGE,
    renderer="plein:templates/privacy/register.pt",
)
def show_register(request: Request) -> dict[str, Any]:
    return {"head": HEAD, "rows": register(request.plugins)}


@view_config(route_name="admin.privacy.register_csv", request_method="GET", permission=MANAGE)
def register_file(request: Request) -> Response:
    text = as_csv(request.plugins, lambda cell: str(request.localizer.translate(cell)))
    response = Response(text, content_type="text/csv", charset="utf-8")
    response.content_disposition = 'attachment; filename="register.csv"'
    return response
