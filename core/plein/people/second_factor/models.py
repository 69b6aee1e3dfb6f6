"""Tables of the second factor. What would open an account is kept encrypted or as a hash, never as it is."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow


class Totp(Base):
    """The app of a person that shows a new code every thirty seconds. Stored when a first code was right."""

    __tablename__ = "totp"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    #: encrypted, see ``sealing``
    secret: Mapped[str]
    #: number of the half minute whose code was used last: that code and earlier ones are worth nothing any more
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_used_at: Mapped[datetime | None]


class Passkey(Base):
    """A key pair in a person's device or security key; only the public half is here."""

    __tablename__ = "passkey"

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    #: what the device knows it by, in base64url
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    #: what the device knows the person by: random, and the same for all passkeys of one person
    handle: Mapped[str]
    #: grows with each use; going back means that there are two of the device. Many devices stay at 0.
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    #: how the device can be reached (``usb internal``), so that the browser asks for the right one
    transports: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """What a passkey has to sign, once, in the browser that asked for it."""

    __tablename__ = "passkey_challenge"

    challenge_hash: Mapped[str] = mapped_column(primary_key=True)
    #: ``add``, ``sign_in``, ``second`` or ``confirm``: an answer for one is worth nothing for another
    purpose: Mapped[str]
    #: hash of the browser's token against forged requests
    browser: Mapped[str]
    #: of whom; empty where the passkey says who it is
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RecoveryCode(Base):
    """A code on paper for whoever lost phone and key. Works once, and only after its person said that it is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    #: which ten belong together: a page that was left open must not confirm codes that are on another one
    batch: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    saved_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class PendingSignIn(Base):
    """Somebody gave the right password and not yet their second factor. Signs nobody in."""

    __tablename__ = "pending_sign_in"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    #: hash of the password hash at that moment: another password ends what the old one began
    password_mark: Mapped[str]
    method: Mapped[str]
    following: Mapped[str]
    #: who the provider says it is, where it was a provider
    identity: Mapped[dict[str, Any] | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
