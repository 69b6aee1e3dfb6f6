"""Checks what a provider signed: the token that says who somebody is, and the one that ends their sessions.

OpenID Connect Core 1.0 §3.1.3.7, Back-Channel Logout 1.0 §2.6. The rules are written out here, in one place and in the
order in which they hold; joserfc does the arithmetic of the signature.
"""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from plein_oidc.discovery import Published
from plein_oidc.errors import SignInFailed

Claims = dict[str, Any]

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

_MOST_BYTES = 64 * 1024
#: Seconds after which a token that was made for this very sign-in is old.
_MOST_AGE_S = 600
#: Parts of a header that bring a key, or say where to get one. Ours come from the provider's list and nowhere else.
_KEY_HEADERS = ("jwk", "jku", "x5u", "x5c")


class Verifier:
    """Checks tokens of one provider.

    :param skew: seconds that its clock and ours may differ.
    :param clock: the time, in seconds since 1970.
    """

    def __init__(self, published: Published, *, skew: int, clock: Callable[[], float]) -> None:
        self.published = published
        self.provider = published.provider
        self.skew = skew
        self.clock = clock

    def id_token(self, token: Any, *, nonce: str, begun: float, access_token: str = "") -> Claims:
        """What an id token says, when all about it is right.

        :param nonce: of this sign-in, which has *begun* then.
        :raises SignInFailed: naming what is not.
        """
        header, claims = self._signed(token, ("jwt", "id_token+jwt"))
        self._check_parties(claims)
        said = claims.get("nonce")
        if not isinstance(said, str) or not hmac.compare_digest(
            said.encode("utf-8", "backslashreplace"), nonce.encode()
        ):
            raise SignInFailed("nonce")
        self._check_times(claims, begun)
        if "at_hash" in claims and claims["at_hash"] != half_hash(access_token, header["alg"]):
            raise SignInFailed("access_token", "at_hash")
        self._check_subject(claims)
        return claims

    def is_fresh(self, claims: Claims, begun: float) -> bool:
        """Whether the person proved who they are since *begun*, and was not just known there."""
        return _number(claims, "auth_time", 0) >= begun - self.skew

    def logout_token(self, token: Any) -> Claims:
        """What a logout token says, when all about it is right. That it is used once only, the caller sees to.

        :raises SignInFailed: naming what is not.
        """
        _header, claims = self._signed(token, ("jwt", "logout+jwt"))
        self._check_parties(claims)
        self._check_times(claims)
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
            raise SignInFailed("not_logout", "events")
        # An id token must not be taken for one of these: that is what the absence of a nonce is for.
        if "nonce" in claims:
            raise SignInFailed("not_logout", "nonce")
        if not isinstance(claims.get("jti"), str) or not claims["jti"]:
            raise SignInFailed("not_logout", "jti")
        if "sid" in claims and not _is_name(claims["sid"]):
            raise SignInFailed("not_logout", "sid")
        if "sub" in claims:
            self._check_subject(claims)
        elif "sid" not in claims:
            raise SignInFailed("not_logout", "neither sub nor sid")
        return claims

    def _signed(self, token: Any, types: tuple[str, ...]) -> tuple[dict[str, Any], Claims]:
        """Header and claims, when a published key of the provider signed them."""
        header = _header(token)
        if not isinstance(header.get("alg"), str) or header["alg"] not in self.provider.algorithms:
            raise SignInFailed("algorithm", str(header.get("alg"))[:40])
        if any(name in header for name in _KEY_HEADERS):
            raise SignInFailed("embedded_key")
        if "crit" in header or "b64" in header or str(header.get("typ", "JWT")).lower() not in types:
            raise SignInFailed("unreadable", "another kind of token")
        keys = self.published.keys(header)
        if not keys:
            raise SignInFailed("key", str(header.get("kid"))[:100])
        payload = next((found for key in keys if (found := _payload(token, key, header["alg"])) is not None), None)
        if payload is None:
            raise SignInFailed("signature")
        return header, _object(payload, "claims")

    def _check_parties(self, claims: Claims) -> None:
        """From this provider, for this site, given to this site."""
        if claims.get("iss") != self.provider.issuer:
            raise SignInFailed("issuer")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        mine = self.provider.client_id
        if mine not in audiences or (len(audiences) > 1 and "azp" not in claims) or claims.get("azp", mine) != mine:
            raise SignInFailed("audience")

    def _check_times(self, claims: Claims, begun: float | None = None) -> None:
        """Made just now, and good now.

        What was made for a sign-in (it has its nonce) was made after that had *begun*: else a clock is wrong.
        """
        now, made = self.clock(), _number(claims, "iat")
        ahead = max(made, _number(claims, "nbf", made)) - now
        behind = begun - made if begun is not None else 0
        if max(ahead, behind) > self.skew:
            side = "ahead of" if ahead > self.skew else "behind"
            by = max(ahead, behind)
            raise SignInFailed("clock", f"{by:.0f} s {side} us", minutes=max(1, round(by / 60)))
        if not _number(claims, "exp") > now - self.skew or made < now - _MOST_AGE_S - self.skew:
            raise SignInFailed("expired", f"made {now - made:.0f} s ago")

    @staticmethod
    def _check_subject(claims: Claims) -> None:
        if not _is_name(claims.get("sub")):
            raise SignInFailed("no_subject")


def half_hash(access_token: str, algorithm: str) -> str:
    """The left half of the hash that belongs to *algorithm*, as ``at_hash`` has it."""
    digest = hashlib.new(f"sha{algorithm[2:]}", access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _header(token: Any) -> dict[str, Any]:
    """What a token says about itself, which nobody has vouched for yet."""
    if not isinstance(token, str) or not token.isascii() or len(token) > _MOST_BYTES or token.count(".") != 2:
        raise SignInFailed("unreadable", "no signed token")
    try:
        first = base64.urlsafe_b64decode(token.partition(".")[0] + "==")
    except ValueError as error:
        raise SignInFailed("unreadable", "header") from error
    return _object(first, "header")


def _object(raw: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    # So deep that the parser gives up.
    except (ValueError, RecursionError) as error:
        raise SignInFailed("unreadable", what) from error
    if not isinstance(value, dict):
        raise SignInFailed("unreadable", what)
    return value


def _payload(token: str, key: Any, algorithm: str) -> bytes | None:
    """What *key* has signed; ``None`` where it has not."""
    try:
        return jws.deserialize_compact(token, key, algorithms=[algorithm]).payload
    except (JoseError, ValueError, TypeError):
        return None


def _is_name(value: Any) -> bool:
    """A subject or session: text of 1 to 255 signs, as the specification bounds it."""
    return isinstance(value, str) and 0 < len(value) <= 255 and value.isprintable()


def _number(claims: Claims, name: str, default: float | None = None) -> float:
    value = claims.get(name, default)
    try:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise SignInFailed("unreadable", name)
        return float(value)
    # JSON knows numbers that no machine does.
    except OverflowError as error:
        raise SignInFailed("unreadable", name) from error
