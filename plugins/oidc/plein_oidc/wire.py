"""The one way out to providers: to hosts that the settings name, with limits on time and size, and no redirect.

urllib3 and not one of the clients on top of it: nothing is read here before its size is known, and nothing is followed,
unpacked, retried or taken from the environment by itself.
"""

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, ProxyError, SSLError

from plein_oidc.errors import SignInFailed
from plein_oidc.settings import is_safe_address

#: Documents with many keys have some ten kilobytes.
MOST_BYTES = 512 * 1024
_CHUNK = 16 * 1024
_HEADERS = {"Accept": "application/json", "User-Agent": "Plein", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON object."""

    status: int
    values: dict[str, Any]


class Wire:
    """HTTP to providers. One for the application; threads share it.

    :param timeout: seconds for a whole exchange.
    :param proxy: ``http://host:port``, or empty.
    """

    def __init__(self, *, timeout: int, proxy: str = "") -> None:
        self.timeout = timeout
        # The certificates that the system trusts: that is where an organisation puts its own authority.
        options: dict[str, Any] = {"ssl_context": ssl.create_default_context(), "maxsize": 4}
        self._pool = urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)

    def get(self, url: str, hosts: frozenset[str], headers: Mapping[str, str] | None = None) -> Answer:
        """The JSON object at *url*, which must be on one of *hosts*.

        :raises SignInFailed: where it is not to be had, or is no JSON object.
        """
        return self._ask("GET", url, hosts, headers or {}, None)

    def post(self, url: str, hosts: frozenset[str], headers: Mapping[str, str], body: str) -> Answer:
        """What is answered to a form. Likewise."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, hosts, {**headers, **form}, body.encode())

    def _ask(
        self, method: str, url: str, hosts: frozenset[str], headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        if not is_safe_address(url) or urlsplit(url).hostname not in hosts:
            raise SignInFailed("elsewhere", url[:200])
        deadline = time.monotonic() + self.timeout
        try:
            response = self._pool.request(
                method,
                url,
                headers={**_HEADERS, **headers},
                body=body,
                timeout=urllib3.Timeout(total=self.timeout),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                raw = _read(response, deadline)
            finally:
                # An answer that was not read to its end would be the beginning of the next one.
                response.close()
        except HTTPError as error:
            raise _failure(error) from error
        # What a provider gave us for a header (an access token) and cannot stand in one.
        except ValueError as error:
            raise SignInFailed("unreadable", str(error)[:200]) from error
        if 300 <= response.status < 400:
            raise SignInFailed("redirected", f"{response.status} at {url[:200]}")
        if response.status >= 500:
            raise SignInFailed("down", f"{response.status} at {url[:200]}")
        return Answer(response.status, _object(raw, url))


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body, in time: a provider that sends a byte a second holds up a thread of ours."""
    raw = bytearray()
    while chunk := response.read1(_CHUNK):
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise SignInFailed("too_large", f"more than {MOST_BYTES} bytes")
        if time.monotonic() > deadline:
            raise SignInFailed("down", "too slow")
    return bytes(raw)


def _failure(error: HTTPError) -> SignInFailed:
    cause: BaseException | None = error.reason if isinstance(error, MaxRetryError) else error
    if isinstance(cause, ProxyError):
        cause = cause.original_error
    if isinstance(cause, SSLError) and "certificate" in str(cause).lower():
        return SignInFailed("certificate", str(cause)[:200])
    return SignInFailed("down", f"{type(cause).__name__}: {str(cause)[:200]}")


def _object(raw: bytes, url: str) -> dict[str, Any]:
    try:
        values = json.loads(raw)
    # So deep that the parser gives up.
    except (ValueError, RecursionError) as error:
        raise SignInFailed("unreadable", f"no JSON at {url[:200]}") from error
    if not isinstance(values, dict):
        raise SignInFailed("unreadable", f"no JSON object at {url[:200]}")
    return values
