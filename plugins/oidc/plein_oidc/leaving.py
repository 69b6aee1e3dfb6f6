"""Signing out: here and then at the provider, or because the provider says so.

OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0.
"""

from dataclasses import dataclass
from datetime import timedelta

from authlib.common.urls import add_params_to_uri
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plein.api import end_sessions, utcnow
from plein_oidc.errors import SignInFailed
from plein_oidc.flow import hashed
from plein_oidc.models import OidcLogout, OidcSession
from plein_oidc.tokens import Claims

#: As long as a session can last.
KEPT = timedelta(days=31)
#: How long somebody who signed out here may take to do so at the provider.
LEAVING = timedelta(minutes=10)
#: Longer than a message is good for, so that it cannot come again.
REMEMBERED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LeavingService:
    """Keeps what is needed to sign out at a provider. Never commits."""

    db: Session
    provider: str

    def remember(self, user_id: int, session: str, subject: str, id_token: str) -> None:
        """Keep the token that a session began with; what has expired is cleared away."""
        now = utcnow()
        self.db.execute(delete(OidcSession).where(OidcSession.expires_at < now))
        self.db.execute(delete(OidcSession).where(*self._this(user_id, session)))
        self.db.add(
            OidcSession(
                user_id=user_id,
                provider=self.provider,
                session=session,
                subject=subject,
                id_token=id_token,
                expires_at=now + KEPT,
            )
        )

    def is_subject(self, user_id: int, subject: str) -> bool:
        """Whether the person signed in here as *subject* of the provider."""
        mine = (OidcSession.user_id == user_id, OidcSession.provider == self.provider, OidcSession.subject == subject)
        return self.db.execute(select(OidcSession.id).where(*mine).limit(1)).first() is not None

    def _this(self, user_id: int, session: str) -> tuple[ColumnElement[bool], ...]:
        return (OidcSession.user_id == user_id, OidcSession.provider == self.provider, OidcSession.session == session)

    def leave(self, user_id: int, session: str, secret: str) -> bool:
        """Let the browser that knows *secret* sign out at the provider, for a while; says whether it can."""
        done = self.db.execute(
            update(OidcSession)
            .where(*self._this(user_id, session))
            .values(leaving_hash=hashed(secret), expires_at=utcnow() + LEAVING)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    def token_of(self, secret: str) -> str | None:
        """The id token of whoever signed out here in the browser that knows *secret*."""
        if not secret:
            return None
        found: str | None = self.db.execute(
            select(OidcSession.id_token).where(
                OidcSession.leaving_hash == hashed(secret),
                OidcSession.provider == self.provider,
                OidcSession.expires_at > utcnow(),
            )
        ).scalar_one_or_none()
        return found

    def told(self, claims: Claims) -> int:
        """End the sessions that a checked logout token is about; gives how many there were.

        :raises SignInFailed: where the message was used before.
        """
        now = utcnow()
        self.db.execute(delete(OidcLogout).where(OidcLogout.expires_at < now))
        used = OidcLogout(token_hash=hashed(f"{self.provider} {claims['jti']}"), expires_at=now + REMEMBERED)
        try:
            with self.db.begin_nested():
                self.db.add(used)
        except IntegrityError as error:
            raise SignInFailed("replayed") from error
        return end_sessions(self.db, self.provider, claims.get("sub"), claims.get("sid"))


def address_at_provider(endpoint: str, id_token: str, *, client_id: str, back: str) -> str:
    """Where a person signs out at the provider, who then sends them *back*."""
    return str(
        add_params_to_uri(
            endpoint,
            [("id_token_hint", id_token), ("client_id", client_id), ("post_logout_redirect_uri", back)],
        )
    )
