"""What a provider publishes about itself, its addresses and its keys: fetched, checked, and kept for a while.

OpenID Connect Discovery 1.0 §4. A provider that is down is asked once in ten seconds, not once for each person who
waits at the door: else all threads of the site would wait for it.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from plein_oidc.errors import SignInFailed
from plein_oidc.settings import Provider, is_safe_address
from plein_oidc.wire import Wire

log = structlog.get_logger(__name__)

#: Seconds that a document is good for; that it still serves when a newer one is not to be had; and between two tries.
FRESH_S = 3600.0
STALE_S = 24 * 3600.0
AGAIN_S = 10.0
#: A key that is not known is looked for again, this many seconds after the last time at the earliest.
KEYS_AGAIN_S = 30.0

_MOST_KEYS = 100
_RSA_BITS = 2048

PublicKey = RSAKey | ECKey


@dataclass(frozen=True, slots=True)
class Metadata:
    """The checked part of a provider's document that we use. Optional addresses are empty."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    #: says who it is when it sends somebody back (RFC 9207)
    names_issuer: bool


class _Kept:
    """A document that is fetched when it is wanted and too old. Threads share it; one of them fetches."""

    def __init__(self, fetch: Callable[[], Any], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._value: Any = None
        self._fetched = self._tried = float("-inf")
        self._failure: SignInFailed | None = None

    def get(self, *, not_older: float = FRESH_S) -> Any:
        """The document, at most *not_older* seconds old where the provider answers.

        :raises SignInFailed: where there is none that can be used.
        """
        with self._lock:
            now = self._clock()
            if self._value is not None and now - self._fetched < not_older:
                return self._value
            if self._failure is None or now - self._tried >= AGAIN_S:
                self._tried, self._failure = now, None
                try:
                    self._value, self._fetched = self._fetch(), now
                except SignInFailed as failure:
                    self._failure = failure
            if self._failure is None or (self._value is not None and now - self._fetched < STALE_S):
                return self._value
            raise SignInFailed(self._failure.reason, self._failure.detail)


class Published:
    """What *provider* publishes."""

    def __init__(self, provider: Provider, wire: Wire, clock: Callable[[], float] = time.monotonic) -> None:
        self.provider = provider
        self._wire = wire
        self._metadata = _Kept(self._fetch_metadata, clock)
        self._keys = _Kept(self._fetch_keys, clock)

    def metadata(self) -> Metadata:
        """Its addresses.

        :raises SignInFailed: where it does not answer, or says what cannot be right.
        """
        found: Metadata = self._metadata.get()
        return found

    def keys(self, header: dict[str, Any]) -> list[PublicKey]:
        """The published keys that may have made a signature with *header*; looked for anew when there is none.

        :raises SignInFailed: where they are not to be had.
        """
        found = _fitting(self._keys.get(), header)
        return found or _fitting(self._keys.get(not_older=KEYS_AGAIN_S), header)

    def _fetch_metadata(self) -> Metadata:
        provider = self.provider
        answer = self._wire.get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration", provider.hosts)
        values = answer.values
        if answer.status != 200:
            raise SignInFailed("settings", f"discovery answers {answer.status}")
        if values.get("issuer") != provider.issuer:
            raise SignInFailed("not_itself", f"issuer {str(values.get('issuer'))[:200]!r}")
        methods = values.get("code_challenge_methods_supported")
        if isinstance(methods, list) and "S256" not in methods:
            raise SignInFailed("settings", "it does not know PKCE with S256")
        return Metadata(
            authorization_endpoint=self._address(values, "authorization_endpoint"),
            token_endpoint=self._address(values, "token_endpoint", asked=True),
            jwks_uri=self._address(values, "jwks_uri", asked=True),
            userinfo_endpoint=self._address(values, "userinfo_endpoint", asked=True, needed=provider.userinfo),
            end_session_endpoint=self._address(values, "end_session_endpoint", needed=False),
            names_issuer=values.get("authorization_response_iss_parameter_supported") is True,
        )

    def _address(self, values: dict[str, Any], name: str, *, asked: bool = False, needed: bool = True) -> str:
        """One of its addresses, secure and, where we *ask* it ourselves, on a host that is allowed.

        Else a provider, or whoever got hold of its document, sends our requests to a machine inside.
        """
        url = values.get(name)
        if url is None and not needed:
            return ""
        is_safe = isinstance(url, str) and len(url) < 2_000 and is_safe_address(url)
        parts = urlsplit(url) if is_safe else None
        is_ours = parts is not None and (parts.scheme == "https" or self.provider.issuer.startswith("http:"))
        if not is_ours or (asked and parts is not None and parts.hostname not in self.provider.hosts):
            raise SignInFailed("elsewhere", f"{name} {str(url)[:200]!r}")
        return str(url)

    def _fetch_keys(self) -> list[PublicKey]:
        answer = self._wire.get(self.metadata().jwks_uri, self.provider.hosts)
        listed = answer.values.get("keys")
        if answer.status != 200 or not isinstance(listed, list) or len(listed) > _MOST_KEYS:
            raise SignInFailed("unreadable", "no list of keys")
        return [key for key in map(_public_key, listed) if key is not None]


def _public_key(values: Any) -> PublicKey | None:
    """A key for signatures; ``None`` for what is none, or is too weak. Never a shared secret."""
    if not isinstance(values, dict) or values.get("use", "sig") != "sig":
        return None
    try:
        if values.get("kty") == "RSA":
            key = RSAKey.import_key({name: values[name] for name in ("kty", "n", "e", "kid", "alg") if name in values})
            return key if key.public_key.key_size >= _RSA_BITS else None
        if values.get("kty") == "EC":
            return ECKey.import_key(
                {name: values[name] for name in ("kty", "crv", "x", "y", "kid", "alg") if name in values}
            )
    except (JoseError, ValueError, TypeError, KeyError) as error:
        log.warning("oidc.key_not_usable", reason=str(error)[:200])
    return None


_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def _fitting(keys: list[PublicKey], header: dict[str, Any]) -> list[PublicKey]:
    """Those of *keys* that *header* can mean: of its kind, under its name, or the only one where it gives none."""
    algorithm, kid = header["alg"], header.get("kid")
    fit = [key for key in keys if _makes(key, algorithm)]
    if kid is not None:
        return [key for key in fit if key.get("kid") == kid]
    return fit if len(fit) == 1 else []


def _makes(key: PublicKey, algorithm: str) -> bool:
    if key.get("alg", algorithm) != algorithm:
        return False
    return key.curve_name == _CURVES.get(algorithm) if isinstance(key, ECKey) else algorithm not in _CURVES
