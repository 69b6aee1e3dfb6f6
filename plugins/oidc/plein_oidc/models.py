"""Tables: sign-ins that are under way, what sessions are known by at their provider, messages that were used."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from plein.api import Base, PrimaryKey, utcnow


class OidcFlow(Base):
    """Somebody who is at their provider now. Gone when they come back, whatever comes of it: it works once."""

    __tablename__ = "oidc_flow"

    #: SHA-256 of the state that goes to the provider and back; the state itself is stored nowhere
    state_hash: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    #: SHA-256 of a secret in a cookie: only the browser that went may come back
    browser_hash: Mapped[str]
    nonce: Mapped[str]
    #: of PKCE
    verifier: Mapped[str]
    #: ``enter``, ``renew`` (without asking) or ``confirm`` (the same person, asked anew)
    purpose: Mapped[str]
    #: where to go afterwards, a path on this site
    following: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class OidcSession(Base):
    """A session as the provider knows it, for signing out there too."""

    __tablename__ = "oidc_session"
    __table_args__ = (Index("uq_oidc_session_user_id_provider_session", "user_id", "provider", "session", unique=True),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    provider: Mapped[str]
    #: the provider's ``sid``; empty where it has none
    session: Mapped[str]
    subject: Mapped[str]
    #: the token that the session began with: it tells the provider who signs out
    id_token: Mapped[str]
    #: SHA-256 of a secret in a cookie, once the person has signed out here and may do so there
    leaving_hash: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime] = mapped_column(index=True)


class OidcLogout(Base):
    """A message to end sessions that was used. A second time it is a replay."""

    __tablename__ = "oidc_logout"

    #: SHA-256 of the provider's name and the message's ``jti``
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
