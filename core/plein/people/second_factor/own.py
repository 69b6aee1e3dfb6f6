"""One's own security page: the app with codes, recovery codes, and what is there. Passkeys have a file of their own.

Nothing counts before it is proved to work, and whoever has a second factor must have proved it before changing it.
"""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from plein.audit import record
from plein.people.models import User
from plein.people.second_factor.asking import factors, hold, passkeys, site
from plein.people.second_factor.codes import in_groups, matching_step, new_secret, picture
from plein.people.second_factor.duty import set_up_path
from plein.people.second_factor.forms import AppForm, KeepForm
from plein.people.second_factor.proving import must_confirm
from plein.people.second_factor.sealing import Sealer
from plein.people.second_factor.service import has_factor
from plein.people.second_factor.strength import strengthen
from plein.people.second_factor.telling import tell
from plein.security.permissions import SIGNED_IN
from plein.security.redirects import safe_path
from plein.web.forms import WHOLE_FORM, Errors, parse
from plein.web.i18n import _

OVERVIEW = "plein:templates/second_factor/overview.pt"
APP = "plein:templates/second_factor/app.pt"
RECOVERY = "plein:templates/second_factor/recovery.pt"

#: How long setting up an app may take.
_SET_UP_SECONDS = 1800


def me(request: Request) -> User:
    found = request.db.execute(select(User).where(User.id == request.viewer.user_id)).scalar_one_or_none()
    if found is None:
        raise HTTPForbidden()
    return found


def proved(request: Request) -> User:
    """The viewer's account, when they proved the second factor they have in this session; or have none yet.

    :raises HTTPSeeOther: to their security page, which asks for it.
    """
    user = me(request)
    if not request.viewer.strong and has_factor(request.db, user.id):
        raise HTTPSeeOther(set_up_path(request, next_of(request)))
    return user


def next_of(request: Request) -> str:
    return safe_path(request.params.get("next"))


def added(request: Request, user: User, kind: str) -> Response:
    """Note that a factor was added, and go on: to recovery codes where there are none, else to where one was going."""
    record(request.db, "second_factor.added", "user", user.id, kind=kind)
    tell(request.db, request.plein, user, "added")
    following = next_of(request)
    if not factors(request, user.id).recovery.left():
        path = request.route_path("me.security.recovery", _query={"next": following})
    else:
        path = following if following != "/" else request.route_path("me.security")
    response = HTTPSeeOther(path)
    return response if request.viewer.strong else strengthen(request, response)


def removed(request: Request, user: User, kind: str) -> Response:
    factors(request, user.id).after_removal()
    record(request.db, "second_factor.removed", "user", user.id, kind=kind)
    tell(request.db, request.plein, user, "removed")
    return HTTPSeeOther(request.route_path("me.security"))


@view_config(route_name="me.security", request_method="GET", permission=SIGNED_IN, renderer=OVERVIEW)
def overview(request: Request) -> dict[str, Any]:
    user = me(request)
    have = factors(request, user.id).have()
    return {
        "have": have,
        "keys": passkeys(request).of(user.id),
        "possible": site(request).has_passkeys,
        "unproved": have.any and not request.viewer.strong,
        "due": request.viewer.factor_due,
        "from_all": request.plein["plein.second_factor"] == "everyone",
        "following": next_of(request),
    }


@view_config(route_name="me.security.prove", request_method="POST", permission=SIGNED_IN)
def prove(request: Request) -> Response:
    """Ask who is signed in for the second factor that they have, as at signing in."""
    user = me(request)
    if request.viewer.strong or not has_factor(request.db, user.id):
        return HTTPSeeOther(set_up_path(request, next_of(request)))
    return hold(request, user, set_up_path(request, next_of(request)), method="session")


@view_config(route_name="me.security.begin", request_method="POST", permission=SIGNED_IN, confirm=must_confirm)
def begin(request: Request) -> Response:
    """On to the page where something is set up, having proved who one is: not only when it is all filled in."""
    pages = {"passkey": "me.security.passkey", "app": "me.security.app"}
    page = pages.get(str(request.POST.get("what", "")), "me.security")
    return HTTPSeeOther(request.route_path(page, _query={"next": next_of(request)}))


@view_config(route_name="me.security.app", request_method="GET", permission=SIGNED_IN, renderer=APP)
def show_app(request: Request) -> dict[str, Any]:
    """A new secret, which the page keeps, sealed, until a code proves that the app has it."""
    return _app_page(request, proved(request), new_secret(), {})


@view_config(
    route_name="me.security.app", request_method="POST", permission=SIGNED_IN, confirm=must_confirm, renderer=APP
)
def set_up_app(request: Request) -> Any:
    user = proved(request)
    form, errors = parse(AppForm, request.POST)
    sealed: Any = request.POST.get("sealed", "")
    secret = _sealer(request).open(str(sealed), user.id, request.viewer.session_id, seconds=_SET_UP_SECONDS)
    if secret is None:
        request.notice(_("The picture was too old. Scan this one."), "info")
        return HTTPSeeOther(request.route_path("me.security.app", _query={"next": next_of(request)}))
    step = matching_step(secret, form.code) if form is not None else None
    if step is None:
        request.response.status_code = 422
        wrong = _("This is not the code of this moment. Wait for the next one in the app, and type that.")
        return _app_page(request, user, secret, errors or {"code": wrong})
    factors(request, user.id).app.set_up(user, secret, step)
    request.notice(_("Your app works. From now on you are asked for a code when you sign in."))
    return added(request, user, "app")


def _sealer(request: Request) -> Sealer:
    return Sealer(request.plein["plein.secret"], "totp being set up")


def _app_page(request: Request, user: User, secret: str, errors: Errors) -> dict[str, Any]:
    return {
        "picture": picture(secret, user.login, request.plein["plein.site_name"]),
        "secret": in_groups(secret),
        "sealed": _sealer(request).seal(secret, user.id, request.viewer.session_id),
        "replaces": factors(request, user.id).have().app is not None,
        "following": next_of(request),
        "errors": errors,
    }


@view_config(route_name="me.security.app.remove", request_method="POST", permission=SIGNED_IN, confirm=must_confirm)
def remove_app(request: Request) -> Response:
    user = proved(request)
    if not factors(request, user.id).app.remove(user.id):
        raise HTTPNotFound()
    request.notice(_("The app is no longer asked for."))
    return removed(request, user, "app")


@view_config(route_name="me.security.recovery", request_method="GET", permission=SIGNED_IN, renderer=RECOVERY)
def show_recovery(request: Request) -> Any:
    """What recovery codes are for, and a button that makes them: opening a page makes nothing."""
    user = proved(request)
    have = factors(request, user.id).have()
    if not have.any:
        return HTTPSeeOther(set_up_path(request, next_of(request)))
    return {"codes": [], "batch": "", "left": have.recovery, "following": next_of(request), "errors": {}}


@view_config(
    route_name="me.security.recovery",
    request_method="POST",
    permission=SIGNED_IN,
    confirm=must_confirm,
    renderer=RECOVERY,
)
def make_recovery(request: Request) -> Any:
    """The codes are shown in this answer and never again: only their hashes are kept."""
    user = proved(request)
    service = factors(request, user.id)
    if not service.have().any:
        return HTTPSeeOther(set_up_path(request, next_of(request)))
    codes, batch = service.recovery.make()
    record(request.db, "recovery_codes.made", "user", user.id)
    return {"codes": codes, "batch": batch, "left": 0, "following": next_of(request), "errors": {}}


@view_config(
    route_name="me.security.recovery.keep",
    request_method="POST",
    permission=SIGNED_IN,
    confirm=must_confirm,
    renderer=RECOVERY,
)
def keep_recovery(request: Request) -> Any:
    """The person has them: from now on they work, and the earlier ones do not."""
    user = proved(request)
    form, _errors = parse(KeepForm, request.POST)
    recovery = factors(request, user.id).recovery
    if form is None or not recovery.keep(form.batch):
        request.response.status_code = 422
        gone = _("These codes have been replaced by newer ones. Make new ones, and keep those.")
        page = {"codes": [], "batch": "", "left": recovery.left(), "following": next_of(request)}
        return {**page, "errors": {WHOLE_FORM: gone}}
    record(request.db, "recovery_codes.kept", "user", user.id)
    request.notice(_("Your recovery codes work from now on. Earlier ones do not."))
    following = next_of(request)
    return HTTPSeeOther(following if following != "/" else request.route_path("me.security"))
