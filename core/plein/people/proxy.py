"""Signed in by the computer: a proxy in front speaks Kerberos, and passes on in a header who somebody is.

Whoever can set that header is anybody. So it is taken off every request before anything else looks at it, believed
from the configured proxies only, and looked at on one page only. The proxy is known by the connection itself, not by
what X-Forwarded-For says.
"""

import re
from collections.abc import Callable
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW
from sqlalchemy.exc import OperationalError

from plein.audit import record_aside
from plein.contributions import Identity, SignInMethod
from plein.people.refusals import note_refusal
from plein.people.services import fold_login
from plein.security.host import is_within, parse_networks
from plein.security.limits import limiter
from plein.settings import Settings, SettingsError
from plein.web.i18n import _

log = structlog.get_logger(__name__)

#: The provider of identities that come this way.
NAME = "proxy"

#: Set by ``plein serve``: the other end of the connection, an address or ``unix``.
PEER = "plein.peer"
_REMOTE_USER = "plein.remote_user"

#: Names of proxies beside addresses: whoever reaches the socket file of the server.
UNIX = "unix"

_MAX_LENGTH = 255


def method(settings: Settings) -> list[SignInMethod]:
    """The button, and the rules for whoever comes this way."""
    if not settings["plein.remote_user_header"]:
        return []
    return [
        SignInMethod(
            NAME,
            _("Sign in with the account of this computer"),
            "login",
            "sign_in.sso",
            creates=settings["plein.remote_user_creates"],
            links_logins=settings["plein.remote_user_links"],
            # It says a login, and nothing else.
            updates=False,
            renews=True,
        )
    ]


def identity(request: Request) -> Identity | None:
    """Who the proxy says this is; nobody where it says nothing, or something that could be read in two ways."""
    given = request.environ.get(_REMOTE_USER)
    if not given:
        return None
    login = without_realm(given, request.plein["plein.remote_user_realms"])
    if login is None:
        note_refusal(request, "header", method=NAME)
        return None
    return Identity(NAME, subject=login, login=login, name=login)


def without_realm(given: str, realms: tuple[str, ...]) -> str | None:
    """The login in ``anna@EXAMPLE.NL`` or ``EXAMPLE\\anna``, without a realm that is one of *realms*.

    Another realm may have an anna too: with *realms*, a name of another one is nobody; without, its realm stays part
    of the login, and a name with a backslash is nobody.
    """
    # A header that came twice is joined with a comma; no login holds one.
    if len(given) > _MAX_LENGTH or not re.fullmatch(r"[^\s,;\x00-\x1f\x7f]+", given):
        return None
    name = fold_login(given)
    known = {realm.casefold() for realm in realms}
    before, backslash, after = name.partition("\\")
    if backslash:
        return after if before in known and after and not set(after) & {"@", "\\"} else None
    before, at, after = name.rpartition("@")
    if at and known:
        return before if after in known and before and "@" not in before else None
    return name


def remote_user_tween_factory(handler: Callable[[Request], Response], registry: Any) -> Callable[[Request], Response]:
    """Takes the header off each request; keeps what it says when a proxy said so."""
    settings: Settings = registry["plein.settings"]
    key = f"HTTP_{settings['plein.remote_user_header'].upper().replace('-', '_')}"
    trusted = settings["plein.remote_user_proxies"]
    networks = parse_networks(name for name in trusted if name != UNIX)

    def remote_user_tween(request: Request) -> Response:
        given = request.environ.pop(key, None)
        if given is not None:
            peer = request.environ.get(PEER, "")
            if (peer == UNIX and UNIX in trusted) or is_within(peer, networks):
                request.environ[_REMOTE_USER] = _text(given)
            else:
                _note_forged(request)
        return handler(request)

    return remote_user_tween


def _text(given: str) -> str:
    """Header values arrive as the Latin-1 reading of their bytes; what is no UTF-8 is nobody."""
    try:
        return given.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return ","


def _note_forged(request: Request) -> None:
    """Somebody says who they are, and is no proxy: to be looked into. Ten times in five minutes is enough to know."""
    origin = request.environ.get(PEER) or request.environ.get("REMOTE_ADDR", "")
    log.warning("sign_in.header_ignored", address=origin)
    try:
        if not limiter(request).hit("forged_header", origin, strict=False):
            engine = request.registry["plein.engine"]
            record_aside(
                engine, "session.refused", "user", result="refused", origin=origin, method=NAME, reason="forged_header"
            )
    except OperationalError:
        log.error("sign_in.refusal_not_recorded", reason="forged_header")


def includeme(config: Configurator) -> None:
    registry: Any = config.registry
    settings: Settings = registry["plein.settings"]
    if not settings["plein.remote_user_header"]:
        return
    if not settings["plein.remote_user_proxies"]:
        raise SettingsError(
            [
                "plein.remote_user_header is set, but plein.remote_user_proxies is empty: then anybody could say that "
                "they are anybody. Name the address of the proxy that sets the header, or unix for a socket file."
            ]
        )
    config.add_tween(
        "plein.people.proxy.remote_user_tween_factory",
        under="plein.security.host.host_tween_factory",
        over=["plein.security.limits.limits_tween_factory", "pyramid_tm.tm_tween_factory", EXCVIEW],
    )
