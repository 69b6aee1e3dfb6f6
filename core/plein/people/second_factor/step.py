"""The second step of signing in: a code, a passkey or a recovery code, before anything is signed in.

Whatever is wrong gets the same sentence, so that nobody learns what they are close to.
"""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from plein.contributions import Identity
from plein.db import open_session
from plein.people.entering import enter
from plein.people.second_factor import pending
from plein.people.second_factor.asking import factors, passkeys, pending_cookie, proved_by, site
from plein.people.second_factor.strength import strengthen
from plein.security.cookies import drop_cookie
from plein.security.permissions import PUBLIC
from plein.web.forms import WHOLE_FORM, Errors
from plein.web.i18n import _

PAGE = "plein:templates/second_factor/step.pt"

#: The ways, in the order in which they are offered.
WAYS = ("passkey", "app", "recovery")

WRONG: Errors = {WHOLE_FORM: _("That did not work. Check it and try again.")}


def _token(request: Request) -> str:
    return str(request.cookies.get(pending_cookie(request), ""))


def _who(request: Request) -> pending.Pending | None:
    """Read aside: the request's own transaction, which may write, begins when all is checked."""
    with open_session(request.registry["plein.engine"]) as db:
        return pending.find(db, _token(request))


def _too_late(request: Request) -> Response:
    request.notice(_("That took too long. Sign in once more."), "info")
    response = HTTPSeeOther(request.route_path("sign_in"))
    drop_cookie(response, request.registry, pending_cookie(request))
    return response


def step_page(request: Request, user_id: int, errors: Errors) -> dict[str, Any]:
    """What the page of a step is given: the ways that the person has, and which of them is shown."""
    with open_session(request.registry["plein.engine"]) as db:
        have = factors(request, user_id, db).have()
    usable = {
        "passkey": have.passkeys > 0 and site(request).has_passkeys,
        "app": have.app is not None,
        "recovery": have.recovery > 0,
    }
    ways = [way for way in WAYS if usable[way]]
    asked = request.params.get("by")
    return {"by": asked if asked in ways else next(iter(ways), "recovery"), "ways": ways, "errors": errors}


@view_config(route_name="sign_in.second", request_method="GET", permission=PUBLIC, renderer=PAGE)
def show_second(request: Request) -> Any:
    who = _who(request)
    return step_page(request, who.user.id, {}) if who is not None else _too_late(request)


@view_config(route_name="sign_in.second", request_method="POST", permission=PUBLIC, renderer=PAGE)
def give_second(request: Request) -> Any:
    who = _who(request)
    if who is None:
        return _too_late(request)
    by = proved_by(request, "second", who.user.id)
    if by is None:
        request.response.status_code = 422
        return step_page(request, who.user.id, WRONG)
    # Only now the request's own transaction.
    now = pending.find(request.db, _token(request))
    if now is None or not pending.finish(request.db, _token(request)):
        return _too_late(request)
    response = _let_in(request, now, by)
    drop_cookie(response, request.registry, pending_cookie(request))
    return response


def _let_in(request: Request, who: pending.Pending, by: str) -> Response:
    if by == "recovery":
        left = factors(request, who.user.id).recovery.left()
        request.notice(
            _("You used a recovery code. You have ${count} left.", mapping={"count": left}),
            "info" if left > 2 else "warning",
        )
    if request.viewer.user_id == who.user.id:
        # They were in already, and proved more.
        return strengthen(request, HTTPSeeOther(who.following))
    # Whatever the provider asked, it has been proved just now.
    identity = Identity(**who.identity, confirmed=True) if who.identity else None
    return enter(request, who.user, who.following, method=who.method, strong=True, identity=identity)


@view_config(route_name="sign_in.second.options", request_method="POST", permission=PUBLIC)
def second_options(request: Request) -> Response:
    """What the passkey has to sign."""
    who = pending.find(request.db, _token(request))
    options = passkeys(request).options_to_use("second", who.user.id) if who is not None else "{}"
    return Response(options, content_type="application/json", charset="utf-8", status=200 if who else 410)
