"""The one way out of the core to addresses that people wrote: never to inside the organisation, never for long.

Somebody who may write a link must not be able to have the server ask its own network for them (SSRF). So a name is
resolved once, every address it has must be a public one, and the connection is made to that very address: a name that
means something else a moment later (rebinding) changes nothing. Each redirect is a new address, judged anew.
Nothing is called by itself: a feature that asks must have a setting that is off.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

#: Schemes, each with its only port.
PORTS = {"http": 80, "https": 443}
MOST_HOPS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
#: Answers to HEAD of servers that only know GET.
_TRY_GET = (400, 403, 404, 405, 406, 501)
_LONGEST = 2_000
_SAFE = "/%:@!$&'()*+,;=~-._"
#: Networks whose addresses carry an IPv4 address inside, which may be one of ours.
_CARRIERS = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


class Refused(ValueError):
    """An address that is not asked: another scheme or port, a name inside, something in the name of who asks."""


class Unreachable(OSError):
    """No answer. The text is ``no-address``, ``timeout``, ``tls``, ``connection`` or ``redirects``."""


def is_public(text: str) -> bool:
    """Whether an IP address is one of the internet: not of this machine, its network, or one that is kept apart."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        address = mapped
    if any(address.version == net.version and address in net for net in _CARRIERS):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


@dataclass(frozen=True, slots=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """Asks whether an address answers.

    :param agent: who asks, as it stands in the logs of the other side.
    :param timeout: seconds for one request, from name to the end of its headers.
    :param ports: the port of each scheme.
    :param may_reach: says of an IP address whether it may be connected to.
    """

    agent: str
    timeout: float = 10.0
    ports: Any = field(default_factory=lambda: dict(PORTS))
    may_reach: Callable[[str], bool] = is_public
    resolve: Callable[..., Any] = socket.getaddrinfo

    def status(self, url: str) -> int:
        """The status at *url*, at the end of its redirects. Nothing is read of what is there.

        :raises Refused: where it, or where it leads, may not be asked.
        :raises Unreachable: where there is no answer.
        """
        for _hop in range(MOST_HOPS + 1):
            target = self._target(url)
            status, location = self._ask("HEAD", target)
            if status in _TRY_GET:
                status, location = self._ask("GET", target)
            if status not in _REDIRECTS or not location:
                return status
            url = urljoin(url, location)
        raise Unreachable("redirects")

    def _target(self, url: str) -> _Target:
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname
        except ValueError as error:
            raise Refused("address") from error
        if len(url) > _LONGEST or parts.scheme not in self.ports or not host or parts.username is not None:
            raise Refused("address")
        if port not in (None, self.ports[parts.scheme]):
            raise Refused("port")
        try:
            name = host if ":" in host else host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise Refused("address") from error
        path = quote(parts.path or "/", safe=_SAFE)
        query = f"?{quote(parts.query, safe=_SAFE + '?')}" if parts.query else ""
        return _Target(parts.scheme, name, self.ports[parts.scheme], path + query)

    def _addresses(self, target: _Target) -> list[str]:
        """The addresses of a host, when all of them may be reached."""
        try:
            found = self.resolve(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unreachable("no-address") from error
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        if not addresses:
            raise Unreachable("no-address")
        if not all(map(self.may_reach, addresses)):
            raise Refused("inside")
        return addresses

    def _ask(self, method: str, target: _Target) -> tuple[int, str]:
        """Status and Location of one request."""
        address = self._addresses(target)[0]
        try:
            raw = socket.create_connection((address, target.port), timeout=self.timeout)
        except TimeoutError as error:
            raise Unreachable("timeout") from error
        except OSError as error:
            raise Unreachable("connection") from error
        # The limit of a socket is for each read; who sends a byte a second would hold us for hours.
        late = threading.Event()
        clock = threading.Timer(self.timeout, _cut, (raw, late))
        clock.daemon = True
        clock.start()
        try:
            return self._exchange(method, target, raw)
        except ssl.SSLError as error:
            raise Unreachable("timeout" if late.is_set() else "tls") from error
        except TimeoutError as error:
            raise Unreachable("timeout") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable("timeout" if late.is_set() else "connection") from error
        finally:
            clock.cancel()
            raw.close()

    def _exchange(self, method: str, target: _Target, raw: socket.socket) -> tuple[int, str]:
        if target.scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=target.host)
        connection = http.client.HTTPConnection(target.host, target.port, timeout=self.timeout)
        connection.sock = raw
        try:
            host = f"[{target.host}]" if ":" in target.host else target.host
            connection.putrequest(method, target.path, skip_host=True, skip_accept_encoding=True)
            for name, value in (("Host", host), ("User-Agent", self.agent), ("Accept", "*/*"), ("Connection", "close")):
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.getheader("Location") or ""
        finally:
            connection.close()


def _cut(raw: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):
        raw.shutdown(socket.SHUT_RDWR)
