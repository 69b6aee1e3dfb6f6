"""The page of a link that works once, and the page for whoever forgot their password."""

from hashlib import sha256
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from plein.audit import record
from plein.db import open_session
from plein.jobs import enqueue
from plein.mail import can_send
from plein.people.accounts import by_login_or_email, own_words
from plein.people.entering import enter
from plein.people.forms import ForgottenForm, NewPasswordForm
from plein.people.link_mail import JOB
from plein.people.links import FoundLink, look_at, use_link
from plein.people.methods import methods
from plein.people.models import User
from plein.people.passwords import hash_password, weakness
from plein.people.refusals import note_refusal
from plein.people.second_factor.service import has_factor
from plein.people.services import PeopleService, fold_login
from plein.security.limits import limit, place
from plein.security.permissions import PUBLIC
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import _

LINK = "plein:templates/sign_in/link.pt"
FORGOTTEN = "plein:templates/sign_in/forgotten.pt"

#: An address stands for more people than one account at one address.
_WIDER = 5


@view_config(route_name="sign_in.link", request_method="GET", permission=PUBLIC, renderer=LINK)
def show_link(request: Request) -> dict[str, Any]:
    """A form, and nothing else: opening the link changes nothing."""
    limit(request, "sign_in", f"link {place(request)}", factor=_WIDER)
    return _page(request, look_at(request.db, request.matchdict["token"]))


@view_config(route_name="sign_in.link", request_method="POST", permission=PUBLIC, renderer=LINK)
def use_sign_in_link(request: Request) -> Any:
    limit(request, "sign_in", f"link {place(request)}", factor=_WIDER, strict=True)
    token = request.matchdict["token"]
    with open_session(request.registry["plein.engine"]) as db:
        # Read aside: hashing a password is slow, and the request's own transaction would keep others from writing.
        found = look_at(db, token)
    new_hash, errors = _chosen(request, found)
    if errors:
        request.response.status_code = 422
        return _page(request, found, errors)
    user = use_link(request.db, token) if found.user is not None else None
    if user is None:
        note_refusal(request, f"link_{found.why or 'used'}", method="link")
        return _page(request, FoundLink(None, found.purpose, found.why or "used"))
    if new_hash:
        PeopleService(request.db).set_password(user, new_hash)
        record(request.db, "password.changed", "user", user.id, actor_id=user.id, reason=found.purpose)
    elif not user.password_hash and not _others(request) and not has_factor(request.db, user.id):
        # Whoever has a second factor is not in yet.
        request.notice(_("You are signed in. Choose a password under Preferences, so that you can come back."), "info")
    return enter(request, user, method="link")


def _chosen(request: Request, found: FoundLink) -> tuple[str, Errors]:
    """The hash of the password that was chosen, where the link is for choosing one."""
    if found.user is None or not found.asks_password:
        return "", {}
    if _may_do_without(request, found) and not request.POST.get("new_password"):
        return "", {}
    form, errors = parse(NewPasswordForm, request.POST)
    if form is None:
        return "", errors
    weak = weakness(form.new_password, own_words(found.user, request.plein))
    if weak is not None:
        return "", {"new_password": weak}
    if form.new_password != form.repeat_password:
        return "", {"repeat_password": _("The two are not the same. Type the new password twice.")}
    return hash_password(form.new_password), {}


def _others(request: Request) -> bool:
    """Whether people come in by a provider here, so that a password is one way of several."""
    return any(way.creates or way.links_logins for way in methods(request.registry).values())


def _may_do_without(request: Request, found: FoundLink) -> bool:
    return found.purpose == "invitation" and _others(request)


def _page(request: Request, found: FoundLink, errors: Errors | None = None) -> dict[str, Any]:
    if found.user is None:
        request.response.status_code = 410
    user: User | None = found.user
    return {
        "name": user.name if user is not None else None,
        "login": user.login if user is not None else "",
        "purpose": found.purpose,
        "why": found.why,
        "optional": _may_do_without(request, found),
        "can_mail": can_send(request.plein),
        "errors": errors or {},
    }


@view_config(route_name="sign_in.forgotten", request_method="GET", permission=PUBLIC, renderer=FORGOTTEN)
def show_forgotten(request: Request) -> dict[str, Any]:
    return {"values": {}, "errors": {}, "done": False, "can_mail": can_send(request.plein)}


@view_config(route_name="sign_in.forgotten", request_method="POST", permission=PUBLIC, renderer=FORGOTTEN)
def ask_for_link(request: Request) -> dict[str, Any]:
    """Have a link mailed. The same is done, written and answered for a name that nobody has, but for the mail itself:
    that is the work of a job, which nobody can time.
    """
    form, errors = parse(ForgottenForm, request.POST)
    if form is None or not can_send(request.plein):
        request.response.status_code = 422
        return {"values": typed(request.POST), "errors": errors, "done": False, "can_mail": can_send(request.plein)}
    named = sha256(fold_login(form.login).encode()).hexdigest()[:32]
    limit(request, "reset", f"account {named}", strict=True)
    limit(request, "reset", place(request), factor=_WIDER, strict=True)
    account = by_login_or_email(request.registry["plein.engine"], form.login)
    number = account.id if account is not None else 0
    enqueue(request.db, JOB, {"user": number, "purpose": "reset"}, key=f"reset {named}", user_id=None)
    record(request.db, "password.link_asked", "user", number or "")
    return {"values": {}, "errors": {}, "done": True, "can_mail": True}
