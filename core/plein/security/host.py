"""The front door: one address by which the site is known, and where a request really comes from.

Links in mails and redirects are made from the host, so a host header that is not the site's own is refused before
anything is looked up. What cannot be read as text is refused here too, once, instead of in every view.
"""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.httpexceptions import HTTPBadRequest
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW

from plein.web.i18n import _

Network = IPv4Network | IPv6Network
Handler = Callable[[Request], Response]

#: Asked by load balancers and supervisors by address, not by name.
HEALTH_PATH = "/-/health"

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str | None:
    """Scheme, host and port of *url* as ``https://example.nl:8443`` without a default port; ``None`` if it is none."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
    shown = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


def site_origin(registry: Any) -> str:
    """The origin of the site, from ``plein.base_url``."""
    found: str = registry["plein.origin"]
    return found


def is_https(registry: Any) -> bool:
    """Whether people reach the site over TLS, whatever lies between."""
    return site_origin(registry).startswith("https://")


def parse_networks(values: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks (``10.0.0.0/8``) of proxies.

    :raises ConfigurationError: naming the value that is neither.
    """
    found = []
    for value in values:
        try:
            found.append(ip_network(value.strip(), strict=False))
        except ValueError:
            raise ConfigurationError(f"plein.trusted_proxies: {value!r} is not an address or a network.") from None
    return tuple(found)


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether *address* is one of *networks*; text that is no address is in none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def client_address(request: Request) -> str:
    """The address that the request came from, as text; empty where there is none (a socket file).

    A proxy's word (``X-Forwarded-For``) counts only when the proxy is one of ``plein.trusted_proxies``, read from the
    right: what stands before the first address that is not a trusted proxy was written by the client.
    """
    networks = request.registry["plein.trusted_networks"]
    address: str = request.environ.get("REMOTE_ADDR") or ""
    if networks and is_within(address, networks):
        for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
            hop = hop.strip().strip("[]")
            if not _is_address(hop):
                break
            address = hop
            if not is_within(hop, networks):
                break
    return address


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _is_loopback(request: Request) -> bool:
    address = request.environ.get("REMOTE_ADDR") or ""
    return _is_address(address) and ip_address(address).is_loopback


def _is_text(raw: bytes) -> bool:
    """Readable as UTF-8, and without the NUL that databases refuse."""
    try:
        return "\0" not in raw.decode("utf-8")
    except UnicodeDecodeError:
        return False


def host_tween_factory(handler: Handler, registry: Any) -> Handler:
    origin = site_origin(registry)
    scheme, _colon, host = origin.partition("://")

    def host_tween(request: Request) -> Response:
        environ = request.environ
        named = environ.get("HTTP_HOST", "")
        if named != host and origin_of(f"{scheme}://{named}") != origin:
            if environ.get("PATH_INFO") != HEALTH_PATH or not _is_loopback(request):
                raise HTTPBadRequest(
                    _("This site is known by another address: ${address}", mapping={"address": origin})
                )
            environ["HTTP_HOST"] = host
        # Behind a proxy that ends TLS the server sees http; addresses we make must not.
        environ["wsgi.url_scheme"] = scheme
        path = environ.get("PATH_INFO", "").encode("latin-1", "replace")
        query = unquote_to_bytes(environ.get("QUERY_STRING", ""))
        if not (_is_text(path) and _is_text(query)):
            raise HTTPBadRequest(_("The address contains characters that cannot be read."))
        return handler(request)

    return host_tween


def includeme(config: Configurator) -> None:
    registry: Any = config.registry
    settings = registry["plein.settings"]
    origin = origin_of(settings["plein.base_url"])
    if origin is None:
        raise ConfigurationError(
            f"plein.base_url: {settings['plein.base_url']!r} is not an address such as https://plein.example.nl."
        )
    registry["plein.origin"] = origin
    registry["plein.trusted_networks"] = parse_networks(settings["plein.trusted_proxies"])
    config.add_request_method(client_address, property=True, name="address")
    config.add_tween("plein.security.host.host_tween_factory", over=[EXCVIEW, "pyramid_tm.tm_tween_factory"])
