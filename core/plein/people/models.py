"""Tables of people: accounts, sign-in sessions and one-time sign-in links."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from plein.db import Base, PrimaryKey, utcnow
from plein.security.models import RateCounter

__all__ = ["RateCounter", "SignInLink", "SignInSession", "User"]


class User(Base):
    """A person with an account. ``kind`` is person or guest; ``state`` is active or suspended."""

    __tablename__ = "user"

    id: Mapped[PrimaryKey]
    uid: Mapped[str] = mapped_column(unique=True)
    #: What is typed to sign in; stored case-folded.
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="person")
    state: Mapped[str] = mapped_column(default="active")
    is_admin: Mapped[bool] = mapped_column(default=False)
    #: An argon2id hash; empty where the person never set a password.
    password_hash: Mapped[str] = mapped_column(default="")
    locale: Mapped[str | None]
    theme: Mapped[str] = mapped_column(default="auto")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    sessions: Mapped[list["SignInSession"]] = relationship(back_populates="user", cascade="all, delete-orphan")


class SignInSession(Base):
    """A signed-in browser. The cookie holds a 256-bit token, the table only its hash."""

    __tablename__ = "sign_in_session"

    id: Mapped[PrimaryKey]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")

    user: Mapped[User] = relationship(back_populates="sessions")


class SignInLink(Base):
    """A link that signs in once. Opening it shows a button; only pressing that uses it up."""

    __tablename__ = "sign_in_link"

    id: Mapped[PrimaryKey]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
