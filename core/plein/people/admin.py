"""Accounts as administrators keep them: a list, a form, suspending, and a link to sign in with."""

import json
from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.audit import record
from plein.jobs import enqueue
from plein.mail import can_send
from plein.people.finding import names_of
from plein.people.forms import AccountForm, NewAccountForm
from plein.people.lifecycle import LifecycleError, set_stay
from plein.people.link_mail import JOB
from plein.people.links import VALID_FOR, Purpose, create_link
from plein.people.models import User
from plein.people.offices import may_keep
from plein.people.permissions import MANAGE
from plein.people.services import LastAdministratorError, LoginTakenError, PeopleService
from plein.people.standing import may_enter, today
from plein.security.limits import limit
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

LIST = "plein:templates/people/admin_list.pt"
FORM = "plein:templates/people/admin_form.pt"
LINK = "plein:templates/people/admin_link.pt"

LAST = _("This is the last administrator. Make somebody else administrator first.")


def kept_account(request: Request) -> User:
    """The account of this address; to change that of somebody who holds an office takes an administrator."""
    user = PeopleService(request.db).find(request.matchdict["login"])
    if user is None:
        raise HTTPNotFound()
    if request.method == "POST" and not may_keep(request.db, request.viewer, user):
        raise HTTPForbidden(_("This account has a site role. Only an administrator can change it."))
    return user


def _check_office(request: Request, form: AccountForm) -> None:
    """Who keeps accounts and does not administer the site, makes no administrators."""
    if form.is_admin and not request.viewer.is_admin:
        raise HTTPForbidden(_("Only an administrator can make somebody administrator."))


@view_config(route_name="admin.users", request_method="GET", permission=MANAGE, renderer=LIST)
def list_accounts(request: Request) -> dict[str, Any]:
    text, after, only = (request.GET.get(name, "")[:100].strip() for name in ("q", "after", "only"))
    page = PeopleService(request.db).page(after=after, text=text, only=only)
    return {"page": page, "text": text, "after": after, "only": only}


@view_config(route_name="admin.users.new", request_method="GET", permission=MANAGE, renderer=FORM)
def new_account(request: Request) -> dict[str, Any]:
    return _form(request, None, {"kind": "person"}, {})


@view_config(route_name="admin.users.new", request_method="POST", permission=MANAGE, renderer=FORM)
def create_account(request: Request) -> Any:
    """Make the account, and show a link for its person: nobody knows another's password, not even once."""
    form, errors = parse(NewAccountForm, request.POST)
    if form is not None:
        _check_office(request, form)
        try:
            user = PeopleService(request.db).create(**form.model_dump(exclude={"ends_on", "sponsor"}), state="invited")
            _set_stay(request, user, form)
        except LoginTakenError:
            errors = {"login": _("Somebody else signs in with this name. Choose another one.")}
        except LifecycleError as error:
            errors = {error.field: error.sentence}
        else:
            record(request.db, "account.created", "user", user.id, kind=user.kind, admin=user.is_admin)
            return _invite(request, user)
    request.response.status_code = 422
    return _form(request, None, typed(request.POST), errors)


@view_config(route_name="admin.users.edit", request_method="GET", permission=MANAGE, renderer=FORM)
def edit_account(request: Request) -> dict[str, Any]:
    user = kept_account(request)
    return _form(request, user, _values(request, user), {})


@view_config(route_name="admin.users.edit", request_method="POST", permission=MANAGE, renderer=FORM)
def change_account(request: Request) -> Any:
    user = kept_account(request)
    before = _values(request, user)
    form, errors = parse(AccountForm, request.POST)
    if form is not None:
        _check_office(request, form)
        try:
            PeopleService(request.db).change(user, **form.model_dump(exclude={"ends_on", "sponsor"}))
            _set_stay(request, user, form)
        except LastAdministratorError:
            errors = {"is_admin": LAST}
        except LifecycleError as error:
            errors = {error.field: error.sentence}
        else:
            changed = [name for name, value in _values(request, user).items() if before[name] != value]
            rights: Any = {"admin": user.is_admin} if "is_admin" in changed else {}
            record(request.db, "account.changed", "user", user.id, fields=changed, **rights)
            request.notice(_("Saved."), undo={"url": request.path, "values": _as_fields(before)})
            return HTTPSeeOther(request.route_path("admin.users"))
    request.response.status_code = 422
    return _form(request, user, typed(request.POST), errors)


def _set_stay(request: Request, user: User, form: AccountForm) -> None:
    set_stay(
        request.db,
        request.viewer,
        user,
        ends_on=form.ends_on,
        sponsor=form.sponsor,
        day=today(request.plein["plein.time_zone"]),
        most=request.plein["plein.guest_longest_days"],
    )


def _values(request: Request, user: User) -> dict[str, Any]:
    sponsor = request.db.scalar(select(User.login).where(User.id == user.sponsor_id)) if user.sponsor_id else None
    stay = {"ends_on": user.ends_on.isoformat() if user.ends_on else "", "sponsor": sponsor or ""}
    return {"name": user.name, "email": user.email, "kind": user.kind, "is_admin": user.is_admin} | stay


def _as_fields(values: dict[str, Any]) -> dict[str, str]:
    """As a form would send them: a box that is not ticked is not there."""
    return {name: "1" if value is True else value for name, value in values.items() if value is not False}


def _form(request: Request, user: User | None, values: dict[str, Any], errors: Errors) -> dict[str, Any]:
    names = json.dumps(names_of(request.db, request.viewer, [values.get("sponsor") or ""]))
    return {"user": user, "values": values, "errors": errors, "names": names}


@view_config(route_name="admin.users.link", request_method="POST", permission=MANAGE, renderer=LINK)
def make_link(request: Request) -> Any:
    user = kept_account(request)
    if not may_enter(user, today(request.plein["plein.time_zone"])):
        request.notice(_("${name} is suspended, and cannot sign in.", mapping={"name": user.name}), "error")
        return HTTPSeeOther(request.route_path("admin.users.edit", login=user.login))
    return _page_of_link(request, user)


def _invite(request: Request, user: User) -> Any:
    """By mail where that is possible; otherwise the administrator hands over the link."""
    if not (user.email and can_send(request.plein)):
        return render_to_response(LINK, _page_of_link(request, user), request)
    limit(request, "invitation")
    enqueue(request.db, JOB, {"user": user.id, "purpose": "invitation"}, key=f"invite {user.id}", user_id=None)
    request.notice(_("${name} gets an invitation at ${email}.", mapping={"name": user.name, "email": user.email}))
    return HTTPSeeOther(request.route_path("admin.users"))


def _page_of_link(request: Request, user: User) -> dict[str, Any]:
    """The link is shown in this answer and never again: only its hash is kept."""
    limit(request, "invitation")
    purpose: Purpose = "reset" if user.password_hash else "invitation"
    record(request.db, "account.link_made", "user", user.id, purpose=purpose)
    token = create_link(request.db, user, purpose=purpose)
    address = request.plein["plein.base_url"].rstrip("/") + request.route_path("sign_in.link", token=token)
    return {"person": user, "link": address, "hours": int(VALID_FOR.total_seconds() // 3600)}
