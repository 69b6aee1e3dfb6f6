"""The code flow: going to the provider, and coming back with proof.

OpenID Connect Core 1.0 §3.1 with what RFC 9700 asks today: PKCE, a state and a nonce for one use by one browser, and
an answer only from the provider that was asked (RFC 9207). Nothing here holds a lock of the database while a provider
is waited for.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy import Engine, delete, insert

from plein.api import Identity, aside, utcnow
from plein_oidc.claims import identity
from plein_oidc.discovery import Metadata
from plein_oidc.errors import SignInFailed
from plein_oidc.models import OidcFlow
from plein_oidc.settings import Provider, key_algorithm
from plein_oidc.tokens import Claims, Verifier
from plein_oidc.wire import Wire

#: How long somebody may take at their provider.
TIME_LIMIT = timedelta(minutes=10)
#: Seconds that what we sign for the provider is good for.
_ASSERTION_S = 60

#: Answers of a provider that wants to ask something, where it was asked not to.
ASKS = ("login_required", "interaction_required", "consent_required", "account_selection_required")


@dataclass(frozen=True, slots=True)
class Return:
    """Somebody who came back with proof.

    :ivar purpose: why they went, see :class:`OidcFlow`.
    :ivar id_token: as it came, for signing out at the provider later.
    """

    purpose: str
    following: str
    identity: Identity
    id_token: str


@dataclass(frozen=True, slots=True)
class NotNow(Exception):
    """Signing in without being asked is not possible now; the way on is the page to sign in."""

    following: str


def hashed(secret: str) -> str:
    """What the database keeps of a random secret."""
    return sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()


class Flow:
    """The flow with one provider.

    :param redirect_uri: where it sends people back to, to the letter as it knows it.
    """

    def __init__(self, engine: Engine, wire: Wire, verifier: Verifier, *, redirect_uri: str) -> None:
        self.engine = engine
        self.wire = wire
        self.verifier = verifier
        self.redirect_uri = redirect_uri

    @property
    def provider(self) -> Provider:
        return self.verifier.provider

    def begin(self, browser: str, *, purpose: str, following: str) -> str:
        """The address at the provider to go to. Remembers that this *browser* went.

        :param browser: a secret that only this browser knows.
        :raises SignInFailed: where the provider is not to be reached.
        """
        metadata = self.verifier.published.metadata()
        # 256 bits each.
        state, nonce, verifier = (secrets.token_urlsafe(32) for _secret in range(3))
        now = utcnow()
        with aside(self.engine) as connection:
            connection.execute(delete(OidcFlow).where(OidcFlow.expires_at < now))
            connection.execute(
                insert(OidcFlow).values(
                    state_hash=hashed(state),
                    provider=self.provider.name,
                    browser_hash=hashed(browser),
                    nonce=nonce,
                    verifier=verifier,
                    purpose=purpose,
                    following=following,
                    created_at=now,
                    expires_at=now + TIME_LIMIT,
                )
            )
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                client_id=self.provider.client_id,
                response_type="code",
                redirect_uri=self.redirect_uri,
                scope=list(self.provider.scopes),
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
                **self._asked(purpose),
            )
        )

    def _asked(self, purpose: str) -> dict[str, str]:
        """What is asked of the provider besides, by why somebody goes there."""
        asked = {"renew": {"prompt": "none"}, "confirm": {"prompt": "login", "max_age": "0"}}.get(purpose, {})
        # Asked for, not demanded: who has no second factor gets in, and is no administrator.
        acr = {"acr_values": " ".join(sorted(self.provider.strong_acr))} if self.provider.strong_acr else {}
        return {**asked, **acr}

    def finish(self, browser: str, answer: Mapping[str, str]) -> Return:
        """Who came back, with what the provider says of them.

        :param browser: the secret of the browser that comes.
        :param answer: the parameters that it brings.
        :raises NotNow: where the person would have to be asked, and was not to be.
        :raises SignInFailed: where anything is not right.
        """
        flow = self._take(answer.get("state", ""), browser)
        metadata = self.verifier.published.metadata()
        if answer.get("iss", self.provider.issuer if not metadata.names_issuer else None) != self.provider.issuer:
            raise SignInFailed("mixed_up", "iss")
        if "error" in answer:
            raise self._refusal(answer["error"], flow)
        if not answer.get("code"):
            raise SignInFailed("unreadable", "neither code nor error")
        tokens = self._exchange(metadata, answer["code"], flow.verifier)
        begun = flow.created_at.timestamp()
        access_token = tokens.get("access_token")
        access_token = access_token if isinstance(access_token, str) else ""
        claims = self.verifier.id_token(
            tokens.get("id_token"), nonce=flow.nonce, begun=begun, access_token=access_token
        )
        is_fresh = self.verifier.is_fresh(claims, begun)
        if flow.purpose == "confirm" and not is_fresh:
            raise SignInFailed("not_fresh")
        more = self._userinfo(metadata, access_token, claims) if self.provider.userinfo else {}
        who = identity(self.provider, claims, more, confirmed=is_fresh)
        return Return(flow.purpose, flow.following, who, tokens["id_token"])

    def _take(self, state: str, browser: str) -> Any:
        """What was remembered of this flow, which is forgotten by that. Once, in this browser, at this provider."""
        gone = (
            delete(OidcFlow)
            .where(OidcFlow.state_hash == hashed(state))
            .returning(
                OidcFlow.provider,
                OidcFlow.browser_hash,
                OidcFlow.nonce,
                OidcFlow.verifier,
                OidcFlow.purpose,
                OidcFlow.following,
                OidcFlow.created_at,
                OidcFlow.expires_at,
            )
        )
        with aside(self.engine) as connection:
            flow = connection.execute(gone).one_or_none()
        if flow is None or flow.expires_at < utcnow():
            raise SignInFailed("state", "unknown, used or too late")
        if not browser or not secrets.compare_digest(flow.browser_hash, hashed(browser)):
            raise SignInFailed("state", "another browser")
        if flow.provider != self.provider.name:
            raise SignInFailed("mixed_up", f"begun at {flow.provider}")
        return flow

    def _refusal(self, error: str, flow: Any) -> Exception:
        if error in ASKS and flow.purpose == "renew":
            return NotNow(flow.following)
        if error in ("access_denied", *ASKS):
            return SignInFailed("declined", error)
        if error in ("server_error", "temporarily_unavailable"):
            return SignInFailed("down", error)
        return SignInFailed("settings", error[:100])

    def _exchange(self, metadata: Metadata, code: str, verifier: str) -> dict[str, Any]:
        """The tokens for *code*."""
        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=self.redirect_uri, code_verifier=verifier
        )
        url, headers, body = self._client_auth(metadata).prepare("POST", metadata.token_endpoint, {}, body)
        answer = self.wire.post(url, self.provider.hosts, headers, body)
        if answer.status != 200:
            error = str(answer.values.get("error", answer.status))[:100]
            # A code that was used, or is not for us, says nothing about the settings.
            raise SignInFailed("state" if error == "invalid_grant" else "settings", error)
        if str(answer.values.get("token_type", "bearer")).lower() != "bearer":
            raise SignInFailed("unreadable", "token_type")
        return answer.values

    def _client_auth(self, metadata: Metadata) -> ClientAuth:
        """How this site proves itself to the provider."""
        provider = self.provider
        if provider.key is not None:
            method = PrivateKeyJWT(
                metadata.token_endpoint,
                claims={"exp": int(self.verifier.clock()) + _ASSERTION_S},
                headers={"kid": provider.key.kid},
                alg=key_algorithm(provider.key),
            )
            return ClientAuth(provider.client_id, provider.key, method)
        if provider.client_auth == "client_secret_basic":
            # RFC 6749 §2.3.1: both are form-encoded before they are joined.
            pair = (quote(provider.client_id, safe=""), quote(provider.client_secret, safe=""))
            return ClientAuth(*pair, provider.client_auth)
        return ClientAuth(provider.client_id, provider.client_secret, provider.client_auth)

    def _userinfo(self, metadata: Metadata, access_token: str, claims: Claims) -> dict[str, Any]:
        """What else the provider says. Only about the same subject: a token may have been put in place of another."""
        answer = self.wire.get(
            metadata.userinfo_endpoint, self.provider.hosts, {"Authorization": f"Bearer {access_token}"}
        )
        if answer.status != 200:
            raise SignInFailed("settings", f"userinfo answers {answer.status}")
        if answer.values.get("sub") != claims["sub"]:
            raise SignInFailed("subject", "userinfo")
        return answer.values
