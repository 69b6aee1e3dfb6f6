"""One's own pages: preferences, password, and the devices one is signed in on."""

from typing import Any

import structlog
from pyramid.events import subscriber
from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select, update

from plein.audit import record
from plein.people.accounts import Account, by_id, check_password, own_words
from plein.people.forms import PasswordForm, PreferencesForm
from plein.people.models import User
from plein.people.passwords import hash_password, weakness
from plein.people.services import PeopleService
from plein.people.sessions import SessionService, lifetime
from plein.security.cookies import session_cookie, set_cookie
from plein.security.limits import limit
from plein.security.permissions import SIGNED_IN
from plein.security.step_up import is_confirmed
from plein.web.appearance import keep_look
from plein.web.forms import Errors, parse, typed
from plein.web.i18n import LANGUAGES, _
from plein.web.language import LanguageChosen

log = structlog.get_logger(__name__)

PREFERENCES = "plein:templates/people/preferences.pt"


def _me(request: Request) -> User:
    me = request.db.execute(select(User).where(User.id == request.viewer.user_id)).scalar_one_or_none()
    if me is None:
        raise HTTPForbidden()
    return me


def _page(request: Request, me: Any, values: dict[str, Any], errors: Errors, wrong: Errors) -> dict[str, Any]:
    """:param wrong: what is wrong with the password form, which stands on the same page."""
    return {"me": me, "values": values, "errors": errors, "wrong": wrong, "languages": LANGUAGES}


def _values(request: Request, me: Any) -> dict[str, Any]:
    look = request.appearance
    return {"name": me.name, "locale": request.viewer.locale or "", "theme": look.theme, "keys": look.keys == "on"}


@view_config(route_name="me.preferences", request_method="GET", permission=SIGNED_IN, renderer=PREFERENCES)
def preferences(request: Request) -> dict[str, Any]:
    me = _me(request)
    return _page(request, me, _values(request, me), {}, {})


@view_config(route_name="me.preferences", request_method="POST", permission=SIGNED_IN, renderer=PREFERENCES)
def change_preferences(request: Request) -> Any:
    """Name and language are kept with the account; light or dark and shortcuts belong to the device too."""
    me = _me(request)
    form, errors = parse(PreferencesForm, request.POST)
    if form is None:
        request.response.status_code = 422
        return _page(request, me, typed(request.POST), errors, {})
    me.name, me.locale, me.theme = form.name, form.locale or None, form.theme
    request.notice(_("Saved."))
    response = HTTPSeeOther(request.route_path("me.preferences"))
    keep_look(request, response, theme=form.theme, keys="on" if form.keys else "off")
    return response


@view_config(route_name="me.password", request_method="GET", permission=SIGNED_IN)
def password_page(request: Request) -> Any:
    return HTTPSeeOther(request.route_path("me.preferences", _anchor="password"))


@view_config(route_name="me.password", request_method="POST", permission=SIGNED_IN, renderer=PREFERENCES)
def change_password(request: Request) -> Any:
    """Another password, with the present one. All other devices are signed out; this one gets a new session."""
    limit(request, "sign_in", f"password of {request.viewer.user_id}", strict=True)
    account = by_id(request.registry["plein.engine"], request.viewer.user_id)
    if account is None:
        raise HTTPForbidden()
    if not account.password_hash and not is_confirmed(request):
        # Nothing is known that only this person knows, so a browser left open would do to take the account over.
        return HTTPSeeOther(request.route_path("me.confirm"))
    form, errors = parse(PasswordForm, request.POST)
    if form is not None:
        errors = _wrong(request, account, form)
    if form is None or errors:
        request.response.status_code = 422
        return _page(request, account, _values(request, account), {}, errors)
    new_hash = hash_password(form.new_password)
    # The writing transaction begins here, when all hashing is done.
    me = _me(request)
    if me.password_hash != account.password_hash:
        raise HTTPForbidden()
    PeopleService(request.db).set_password(me, new_hash)
    token = SessionService(request.db).start(
        me.id, lasts=lifetime(request), address=request.address, agent=request.headers.get("User-Agent", "")
    )
    record(request.db, "password.changed", "user", me.id)
    request.notice(_("Your password is changed. On other devices you are signed out."))
    response = HTTPSeeOther(request.route_path("me.preferences"))
    set_cookie(response, request.registry, session_cookie(request.registry), token)
    return response


def _wrong(request: Request, account: Account, form: PasswordForm) -> Errors:
    if account.password_hash and not check_password(account, form.current_password):
        return {"current_password": _("This is not your present password.")}
    weak = weakness(form.new_password, own_words(account, request.plein))
    if weak is not None:
        return {"new_password": weak}
    if form.new_password != form.repeat_password:
        return {"repeat_password": _("The two are not the same. Type the new password twice.")}
    return {}


@subscriber(LanguageChosen)
def remember_language(event: LanguageChosen) -> None:
    """The language of the switch in the header is kept with the account."""
    request = event.request
    if request.viewer.is_signed_in:
        request.db.execute(update(User).where(User.id == request.viewer.user_id).values(locale=event.locale))
