"""Is it still you? Proving it with the second factor instead of the password."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from plein.people.confirming import confirm
from plein.people.second_factor.asking import passkeys, proved_by
from plein.people.second_factor.step import WRONG, step_page
from plein.security.permissions import SIGNED_IN

PAGE = "plein:templates/second_factor/confirm.pt"


@view_config(route_name="me.confirm.factor", request_method="GET", permission=SIGNED_IN, renderer=PAGE)
def show_factor(request: Request) -> dict[str, Any]:
    return step_page(request, request.viewer.user_id, {})


@view_config(route_name="me.confirm.factor", request_method="POST", permission=SIGNED_IN, renderer=PAGE)
def by_factor(request: Request) -> Any:
    by = proved_by(request, "confirm", request.viewer.user_id)
    if by is None:
        request.response.status_code = 422
        return step_page(request, request.viewer.user_id, WRONG)
    return confirm(request, method=by, strong=True)


@view_config(route_name="me.confirm.factor.options", request_method="POST", permission=SIGNED_IN)
def factor_options(request: Request) -> Response:
    """What the passkey has to sign."""
    options = passkeys(request).options_to_use("confirm", request.viewer.user_id)
    return Response(options, content_type="application/json", charset="utf-8")
