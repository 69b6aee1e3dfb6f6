"""Pages: on the way to a provider, back from it, and out."""

import secrets
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response

from plein.api import (
    PUBLIC,
    Identity,
    IdentityEntered,
    begin_writing,
    cookie_name,
    drop_cookie,
    end_sessions,
    enter_identity,
    limit,
    new_reference,
    note_refusal,
    page_to_sign_in,
    place,
    safe_next,
    set_cookie,
)
from plein_oidc.errors import SignInFailed
from plein_oidc.flow import TIME_LIMIT, Flow, NotNow
from plein_oidc.leaving import LEAVING, LeavingService, address_at_provider
from plein_oidc.site import address, flow_of, flows

log = structlog.get_logger(__name__)

FAILED = "plein_oidc:templates/failed.pt"
SIGNED_OUT = "plein_oidc:templates/signed_out.pt"

#: Cookies: which browser is under way, by which provider it came last, and which one is leaving.
_UNDER_WAY, _CAME_BY, _LEAVING = "plein-oidc", "plein-oidc-by", "plein-oidc-out"
_CAME_BY_S = 90 * 86_400

#: A whole building is one address, and a morning brings everybody: this many times the limit of attempts to sign in.
_BUILDING = 100
#: More than any message of a provider needs, in bytes.
_MOST_BODY = 128 * 1024

_ID_TOKEN = "plein_oidc.id_token"  # noqa: S105 - where it is kept during a request


def start(request: Request) -> Response:
    """On to the provider. A GET, because the policy of our pages lets no form lead to another site.

    With ``confirm`` in the query: to prove anew who one is, before an act of administration.
    """
    flow, following = flow_of(request), safe_next(request.GET.get("next"))
    confirms = request.viewer.is_signed_in and "confirm" in request.GET
    if request.viewer.is_signed_in and not confirms:
        return HTTPSeeOther(following)
    try:
        return _away(request, flow, "confirm" if confirms else "enter", following)
    except SignInFailed as failure:
        return _failed(request, flow, failure, following)


def renew(request: Request) -> Response:
    """On to the provider, who is not to ask anything. Whatever does not go well leads to the page to sign in, once."""
    flow, following = flow_of(request), safe_next(request.GET.get("next"))
    if request.viewer.is_signed_in:
        return HTTPSeeOther(following)
    if flow.provider.renew == "never":
        return HTTPSeeOther(page_to_sign_in(request, following))
    try:
        return _away(request, flow, "renew", following)
    except SignInFailed as failure:
        log.warning("oidc.not_renewed", provider=flow.provider.name, reason=failure.reason, detail=failure.detail)
        return HTTPSeeOther(page_to_sign_in(request, following))


def _away(request: Request, flow: Flow, purpose: str, following: str) -> Response:
    limit(request, "sign_in", f"oidc {place(request)}", factor=_BUILDING)
    name = cookie_name(request.registry, _UNDER_WAY)
    # The same for all tabs of a browser: two of them may be under way at once.
    browser = request.cookies.get(name) or secrets.token_urlsafe(32)
    response = HTTPSeeOther(flow.begin(browser, purpose=purpose, following=following))
    set_cookie(response, request.registry, name, browser, max_age=int(TIME_LIMIT.total_seconds()))
    return response


def come_back(request: Request) -> Response:
    """Back from the provider. What it brings is good once, and in the browser that went."""
    flow = flow_of(request)
    try:
        # Before the request's session begins: nothing may be locked while the provider is asked.
        back = flow.finish(request.cookies.get(cookie_name(request.registry, _UNDER_WAY), ""), _answer(request))
    except NotNow as not_now:
        return HTTPSeeOther(page_to_sign_in(request, not_now.following))
    except SignInFailed as failure:
        return _failed(request, flow, failure)
    begin_writing(request)
    if back.purpose == "confirm" and not _is_same(request, flow, back.identity):
        return _failed(request, flow, SignInFailed("another_person"))
    request.environ[_ID_TOKEN] = back.id_token
    response = enter_identity(request, back.identity, back.following)
    if response.status_code == 303:
        name = cookie_name(request.registry, _CAME_BY)
        set_cookie(response, request.registry, name, flow.provider.name, max_age=_CAME_BY_S)
    return response


def _is_same(request: Request, flow: Flow, identity: Identity) -> bool:
    """Whether somebody proved to be who they are here, and not anybody at all."""
    service, viewer = LeavingService(request.db, flow.provider.name), request.viewer
    return viewer.user_id is not None and service.is_subject(viewer.user_id, identity.subject)


def _answer(request: Request) -> dict[str, str]:
    """The parameters of the answer. One that comes twice could be read in two ways.

    :raises SignInFailed: where one does.
    """
    names = list(request.GET)
    if len(names) != len(set(names)):
        raise SignInFailed("unreadable", "a parameter comes twice")
    return dict(request.GET)


def keep_token(event: IdentityEntered) -> None:
    """In the transaction of the sign-in: what signing out at the provider will need."""
    token = event.request.environ.get(_ID_TOKEN)
    if token is not None:
        service = LeavingService(event.request.db, event.identity.provider)
        service.remember(event.user.id, event.identity.session, event.identity.subject, token)


def _failed(request: Request, flow: Flow, failure: SignInFailed, following: str = "/") -> Response:
    """The page that says what happened, and how to get in all the same."""
    name, reference = flow.provider.name, new_reference()
    log.warning("oidc.refused", provider=name, reason=failure.reason, detail=failure.detail, reference=reference)
    note_refusal(request, failure.reason, method=name)
    values = {
        "title": flow.provider.title,
        "sentence": failure.sentence(flow.provider.title),
        "reference": reference,
        "status": failure.status,
        "provider": name,
        "next": following,
    }
    response = render_to_response(FAILED, values, request)
    response.status_code = failure.status
    return response


def renewing_address(request: Request) -> str | None:
    """Where somebody may be signed in without being asked: at the provider they came by last in this browser."""
    following = safe_next(request.GET.get("next"))
    came_by = request.cookies.get(cookie_name(request.registry, _CAME_BY))
    for flow in flows(request).values():
        name, renews = flow.provider.name, flow.provider.renew
        if renews == "everybody" or (renews == "returning" and came_by == name):
            return str(request.route_path("oidc.renew", provider=name, _query={"next": following}))
    return None


# --- out -----------------------------------------------------------------------------------------------------------


def leaving_address(request: Request, provider: str, session: str) -> str | None:
    """The page after signing out here; ``None`` where the provider has no part in it."""
    flow = flows(request).get(provider)
    if flow is None:
        return None
    secret = secrets.token_urlsafe(32)
    can_leave = flow.provider.sign_out != "never" and LeavingService(request.db, provider).leave(
        request.viewer.user_id, session, secret
    )

    def cookies(request: Request, response: Response) -> None:
        # Whoever signs out does not want to be signed in by the next page.
        drop_cookie(response, request.registry, cookie_name(request.registry, _CAME_BY))
        if can_leave:
            name = cookie_name(request.registry, _LEAVING)
            set_cookie(response, request.registry, name, secret, max_age=int(LEAVING.total_seconds()))

    request.add_response_callback(cookies)
    return str(request.route_path("oidc.signed_out", provider=provider)) if can_leave else None


def signed_out(request: Request) -> dict[str, Any]:
    """Signed out here. The provider is one press away: a page of ours, because no form of ours may lead there."""
    flow, there = flow_of(request), ""
    secret = request.cookies.get(cookie_name(request.registry, _LEAVING), "")
    token = LeavingService(request.db, flow.provider.name).token_of(secret)
    if token is not None:
        there = _address_there(request, flow, token)
    if there and flow.provider.sign_out == "always":
        request.response.headers["Refresh"] = f"0; url={there}"
    return {"title": flow.provider.title, "there": there, "left": False}


def _address_there(request: Request, flow: Flow, token: str) -> str:
    """Where one signs out at the provider; empty where it has no such place, or does not answer."""
    try:
        endpoint = flow.verifier.published.metadata().end_session_endpoint
    except SignInFailed:
        return ""
    back = address(request.plein, "left", flow.provider.name)
    return endpoint and address_at_provider(endpoint, token, client_id=flow.provider.client_id, back=back)


def left(request: Request) -> dict[str, Any]:
    """Back from signing out at the provider."""
    flow = flow_of(request)
    drop_cookie(request.response, request.registry, cookie_name(request.registry, _LEAVING))
    return {"title": flow.provider.title, "there": "", "left": True}


def told_by_provider(request: Request) -> Response:
    """Back-channel: the provider itself says, in a signed message, that sessions have ended."""
    flow = flow_of(request)
    try:
        if (request.content_length or 0) > _MOST_BODY:
            raise SignInFailed("too_large", "logout token")
        tokens = request.POST.getall("logout_token")
        claims = flow.verifier.logout_token(tokens[0] if len(tokens) == 1 else None)
        ended = LeavingService(request.db, flow.provider.name).told(claims)
    except SignInFailed as failure:
        log.warning("oidc.logout_refused", provider=flow.provider.name, reason=failure.reason, detail=failure.detail)
        note_refusal(request, failure.reason, method=flow.provider.name, action="session.end_refused")
        error = {"error": "invalid_request", "error_description": failure.reason}
        return Response(json=error, status=400, content_type="application/json")
    log.info("oidc.sessions_ended", provider=flow.provider.name, sessions=ended)
    return Response(status=200, content_type="text/plain", charset="utf-8")


def told_by_browser(request: Request) -> Response:
    """Front-channel: a page of the provider has the browser ask for this.

    It comes from another site, so our cookies do not come along, and our pages may not be framed: the answer is not
    even shown. The session is known by what the provider calls it, which nobody else can guess. It ends, no more.
    """
    flow = flow_of(request)
    if not flow.provider.front_channel:
        raise HTTPNotFound()
    limit(request, "sign_in", f"oidc {place(request)}", factor=_BUILDING)
    session = request.GET.get("sid", "")
    if request.GET.get("iss") != flow.provider.issuer or not 8 <= len(session) <= 255:
        raise HTTPBadRequest()
    begin_writing(request)
    end_sessions(request.db, flow.provider.name, session=session)
    return Response("", content_type="text/plain", charset="utf-8")


_ROUTES = ("start", "renew", "callback", "signed_out", "left", "back_channel", "front_channel")


def includeme(config: Configurator) -> None:
    for name in _ROUTES:
        config.add_route(f"oidc.{name}", f"/oidc/{{provider:[a-z][a-z0-9]*}}/{name.replace('_', '-')}")
    for name, view in (("start", start), ("renew", renew), ("callback", come_back), ("front_channel", told_by_browser)):
        config.add_view(view, route_name=f"oidc.{name}", request_method="GET", permission=PUBLIC)
    for name, page in (("signed_out", signed_out), ("left", left)):
        config.add_view(page, route_name=f"oidc.{name}", request_method="GET", permission=PUBLIC, renderer=SIGNED_OUT)
    config.add_view(
        told_by_provider,
        route_name="oidc.back_channel",
        request_method="POST",
        permission=PUBLIC,
        # It is no browser that asks: what it brings is signed, and that is looked at before anything else.
        require_csrf=False,
    )
    config.add_subscriber(keep_token, IdentityEntered)
