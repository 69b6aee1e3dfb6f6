"""Buttons of administration that stop an account, or let it work again; and a longer stay for a guest."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from plein.people import lifecycle
from plein.people.admin import LAST, kept_account
from plein.people.forms import ReasonForm
from plein.people.lifecycle import ErasedError, FrozenError, LastAdministratorError, LifecycleError
from plein.people.models import User
from plein.people.permissions import MANAGE
from plein.people.services import PeopleService
from plein.people.standing import today
from plein.security.permissions import SIGNED_IN
from plein.web.forms import parse
from plein.web.i18n import _


@view_config(route_name="admin.users.suspend", request_method="POST", permission=MANAGE)
def suspend_account(request: Request) -> Any:
    """For now. The reason is kept with the account."""
    user = kept_account(request)
    return _stopped(
        request, user, lifecycle.suspend, _("${name} cannot sign in any more.", mapping={"name": user.name})
    )


@view_config(route_name="admin.users.leave", request_method="POST", permission=MANAGE)
def leave_account(request: Request) -> Any:
    """For good: and on to what they own."""
    user = kept_account(request)
    sentence = _("${name} has left, and cannot sign in any more.", mapping={"name": user.name})
    return _stopped(request, user, lifecycle.leave, sentence, "admin.users.handover")


def _stopped(
    request: Request, user: User, stop: Any, sentence: Any, following: str = "admin.users.edit"
) -> HTTPSeeOther:
    form, _errors = parse(ReasonForm, request.POST)
    try:
        stop(request.db, user, form.reason if form is not None else "")
    except LastAdministratorError:
        request.notice(LAST, "error")
        return HTTPSeeOther(request.route_path("admin.users.edit", login=user.login))
    except FrozenError:
        request.notice(_frozen(user), "error")
        return HTTPSeeOther(request.route_path("admin.users.edit", login=user.login))
    request.notice(sentence, undo=request.route_path("admin.users.restore", login=user.login))
    return HTTPSeeOther(request.route_path(following, login=user.login))


@view_config(route_name="admin.users.restore", request_method="POST", permission=MANAGE)
def restore_account(request: Request) -> Any:
    user = kept_account(request)
    try:
        lifecycle.restore(request.db, user)
    except FrozenError:
        request.notice(_frozen(user), "error")
    except ErasedError:
        request.notice(_("This person was erased, and nothing is left to restore. Make a new account."), "error")
    else:
        request.notice(_("${name} can sign in again.", mapping={"name": user.name}))
    return HTTPSeeOther(request.route_path("admin.users.edit", login=user.login))


def _frozen(user: User) -> Any:
    return _("${name} is frozen. See Privacy.", mapping={"name": user.name})


@view_config(route_name="people.extend", request_method="POST", permission=SIGNED_IN)
def extend_guest(request: Request) -> Any:
    """By the colleague who answers for the guest, or who keeps accounts."""
    user = PeopleService(request.db).find(request.matchdict["login"])
    manages = bool(request.has_permission(MANAGE))
    answers = user is not None and user.kind == "guest" and user.sponsor_id == request.viewer.user_id
    if user is None or not (manages or answers):
        # Whoever it is not for is told the same of a guest, a colleague and nobody.
        raise HTTPNotFound() if request.viewer.kind == "guest" or user is None else HTTPForbidden()
    try:
        day, most = today(request.plein["plein.time_zone"]), request.plein["plein.guest_longest_days"]
        until = lifecycle.extend(request.db, user, day=day, most=most)
    except LifecycleError as error:
        request.notice(error.sentence, "error")
    else:
        sentence = _("${name} can sign in until ${day}.", mapping={"name": user.name, "day": until.isoformat()})
        request.notice(sentence)
    return HTTPSeeOther(request.route_path("people.show", login=user.login))
