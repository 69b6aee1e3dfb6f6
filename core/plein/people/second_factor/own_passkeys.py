"""One's own passkeys: adding one in this browser, and taking one away."""

from typing import Any

import structlog
from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from plein.people.agents import describe_agent
from plein.people.models import User
from plein.people.second_factor.asking import passkeys, site
from plein.people.second_factor.forms import PasskeyForm
from plein.people.second_factor.own import added, next_of, proved, removed
from plein.people.second_factor.passkeys import MOST, PasskeyError
from plein.people.second_factor.proving import must_confirm
from plein.security.permissions import SIGNED_IN
from plein.web.forms import WHOLE_FORM, Errors, parse
from plein.web.i18n import _

log = structlog.get_logger(__name__)

PAGE = "plein:templates/second_factor/passkey.pt"


def _page(request: Request, user: User, name: str, errors: Errors) -> dict[str, Any]:
    return {
        "name": name,
        "errors": errors,
        "possible": site(request).has_passkeys,
        "full": len(passkeys(request).of(user.id)) >= MOST,
        "following": next_of(request),
    }


@view_config(route_name="me.security.passkey", request_method="GET", permission=SIGNED_IN, renderer=PAGE)
def show_passkey(request: Request) -> dict[str, Any]:
    return _page(request, proved(request), describe_agent(request.headers.get("User-Agent", "")), {})


@view_config(route_name="me.security.passkey.options", request_method="POST", permission=SIGNED_IN)
def options_to_add(request: Request) -> Response:
    """What the device is asked for. Made by a POST, because a challenge is stored."""
    options = passkeys(request).options_to_add(proved(request))
    return Response(options, content_type="application/json", charset="utf-8")


@view_config(
    route_name="me.security.passkey", request_method="POST", permission=SIGNED_IN, confirm=must_confirm, renderer=PAGE
)
def add_passkey(request: Request) -> Any:
    user = proved(request)
    form, errors = parse(PasskeyForm, request.POST)
    if form is not None:
        try:
            passkeys(request).add(user, form.name, form.handle, form.credential)
        except PasskeyError as error:
            log.info("passkey.refused", why=str(error))
            errors = {WHOLE_FORM: _("The passkey could not be added. Try it once more.")}
        else:
            request.notice(_("The passkey ${name} is added.", mapping={"name": form.name}))
            return added(request, user, "passkey")
    request.response.status_code = 422
    name: Any = request.POST.get("name", "")
    return _page(request, user, name if isinstance(name, str) else "", errors)


@view_config(route_name="me.security.passkey.remove", request_method="POST", permission=SIGNED_IN, confirm=must_confirm)
def remove_passkey(request: Request) -> Response:
    user = proved(request)
    if not passkeys(request).remove(user.id, int(request.matchdict["id"])):
        raise HTTPNotFound()
    request.notice(_("The passkey is removed. You can take it out of your device or password manager too."))
    return removed(request, user, "passkey")
