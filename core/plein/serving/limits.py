"""What the server accepts from outside: how much, how long, and whose word about the client it believes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from waitress.adjustments import Adjustments
from waitress.proxy_headers import proxy_headers_middleware

WSGIApp = Callable[..., Iterable[bytes]]

#: Headers that a trusted proxy may set.
FORWARDED = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}

#: More header fields than any browser or proxy sends.
MAX_HEADER_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """
    :ivar threads: requests that one worker handles at the same time.
    :ivar max_body_mb: the largest request body, in MB.
    :ivar max_upload_mb: that of a request to an address that takes files.
    :ivar takes_files: which addresses those are: told a path, it says so.
    :ivar connections: open connections per worker. With waitress's own default of 100, a hundred clients that connect
        and say nothing stop the site.
    :ivar idle_seconds: how long a connection may be silent.
    :ivar grace_seconds: how long a worker that is told to leave may take to finish requests.
    :ivar trusted_proxies: addresses or networks whose X-Forwarded headers are believed.
    """

    threads: int = 2
    max_body_mb: int = 25
    max_upload_mb: int = 25
    takes_files: Callable[[str], bool] = lambda path: False
    connections: int = 1000
    idle_seconds: int = 20
    grace_seconds: float = 30.0
    trusted_proxies: tuple[str, ...] = ()

    def adjustments(self) -> Adjustments:
        """These limits in waitress's words, and beside them what holds for an address that takes files."""
        found = self._with_bodies_of(self.max_body_mb)
        found.takes_files = self.takes_files
        found.of_files = self._with_bodies_of(max(self.max_body_mb, self.max_upload_mb))
        return found

    def _with_bodies_of(self, megabytes: int) -> Adjustments:
        return Adjustments(
            threads=self.threads,
            connection_limit=self.connections,
            channel_timeout=self.idle_seconds,
            # Look for silent connections often enough for the line above to mean something.
            cleanup_interval=5,
            # One request of a connection at a time: the next is not read before this one is answered.
            channel_request_lookahead=0,
            max_request_header_size=32 * 1024,
            # waitress refuses a body of exactly this size, too
            max_request_body_size=megabytes * 1024 * 1024 + 1,
            # select() knows no file descriptor above 1023
            asyncore_use_poll=True,
            expose_tracebacks=False,
            ident=None,
            # behind_proxies below does this, for more than one proxy
            clear_untrusted_proxy_headers=False,
        )


def behind_proxies(application: WSGIApp, trusted: Iterable[str], *, is_socket_file: bool = False) -> WSGIApp:
    """*application*, told who the client is by the *trusted* proxies and by nobody else.

    waitress believes one address; here it may be several. X-Forwarded headers from elsewhere are removed. Who is at the
    other end of the connection itself stays known as ``plein.peer``: an address, or ``unix`` for a socket file.
    """
    believed = [ip_network(address, strict=False) for address in trusted]
    from_proxy = proxy_headers_middleware(application, trusted_proxy="*", trusted_proxy_headers=FORWARDED)
    from_client = proxy_headers_middleware(application)

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["plein.peer"] = "unix" if is_socket_file else environ["REMOTE_ADDR"]
        known = bool(believed) and _is_within(environ["REMOTE_ADDR"], believed)
        answer: Iterable[bytes] = (from_proxy if known else from_client)(environ, start_response)
        return answer

    return serve


def _is_within(address: str, networks: list[IPv4Network | IPv6Network]) -> bool:
    parsed = ip_address(address)
    return any(parsed in network for network in networks)
