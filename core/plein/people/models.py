"""Tables of people: accounts, offices, groups, sign-in sessions and one-time sign-in links."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from plein.db import Base, PrimaryKey, utcnow
from plein.security.models import RateCounter
from plein.web.folding import fold

__all__ = [
    "Group",
    "GroupChild",
    "GroupMember",
    "GroupPerson",
    "RateCounter",
    "SignInLink",
    "SignInSession",
    "SiteRole",
    "User",
    "UserIdentity",
]

#: invited: has an account and never signed in. suspended: for now, with a reason. left: works here no more.
#: frozen: its data may not be used until somebody decided about them.
STATES = ("invited", "active", "suspended", "left", "frozen")


def _folded_name(context: DefaultExecutionContext) -> str:
    return fold(context.get_current_parameters()["name"])


class User(Base):
    """A person with an account. ``kind`` is person or guest; ``state`` is one of :data:`STATES`."""

    __tablename__ = "user"

    id: Mapped[PrimaryKey]
    uid: Mapped[str] = mapped_column(unique=True)
    #: What is typed to sign in; stored case-folded.
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    #: the name folded, so that both databases sort alike; kept in step by ``people.finding``
    sort_name: Mapped[str] = mapped_column(default=_folded_name)
    email: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="person")
    state: Mapped[str] = mapped_column(default="active")
    #: why the account is in that state, in an administrator's words
    state_reason: Mapped[str] = mapped_column(default="")
    #: the last day on which the account works; every guest has one
    ends_on: Mapped[date | None]
    #: the colleague who answers for a guest
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    #: An argon2id hash; empty where the person never set a password.
    password_hash: Mapped[str] = mapped_column(default="")
    locale: Mapped[str | None]
    theme: Mapped[str] = mapped_column(default="auto")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: when they left; their account stays as the author of what they wrote
    left_at: Mapped[datetime | None]
    #: the end date of which the sponsor was told, so that nobody is told twice
    reminded_of: Mapped[date | None]

    # The profile. Who sees a part of it is said by ``people.seeing``.
    pronouns: Mapped[str] = mapped_column(default="")
    function: Mapped[str] = mapped_column(default="")
    department: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    #: short Markdown, as written
    about: Mapped[str] = mapped_column(default="")
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    #: who sees which built-in part, where the person chose: ``{"phone": "shared"}``
    shown_to: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: the version of the photo, a part of its address; empty without one
    photo: Mapped[str] = mapped_column(default="")

    #: what they know about, as they wrote it
    expertise: Mapped[list[str]] = mapped_column(default=list)

    # Holds all that a list of those who work here is chosen and counted by.
    __table_args__ = (Index("ix_user_directory", "kind", "state", "sort_name", "id", "ends_on"),)

    sessions: Mapped[list["SignInSession"]] = relationship(back_populates="user", cascade="all, delete-orphan")


class SignInSession(Base):
    """A signed-in browser. The cookie holds a 256-bit token, the table only its hash."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("ix_sign_in_session_provider_session", "provider_session"),)

    id: Mapped[PrimaryKey]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: when the person last proved who they are in this session; acts of administration ask for it anew
    confirmed_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: how they signed in: ``password``, ``link``, ``proxy``, or a method of a plugin
    method: Mapped[str] = mapped_column(default="password")
    #: the name of the :class:`plein.contributions.SignInMethod` it came by, and what the provider calls the session
    provider: Mapped[str] = mapped_column(default="")
    provider_session: Mapped[str] = mapped_column(default="")
    #: the provider signs in again without asking, so this session may rest and last longer
    renews: Mapped[bool] = mapped_column(default=False)
    #: whether a second factor, or a provider that vouches for one, was used
    strong: Mapped[bool] = mapped_column(default=False)
    #: what the person was doing when they were asked whether it is still them: path and fields of a form
    waits: Mapped[dict[str, Any] | None]
    waits_until: Mapped[datetime | None]
    #: the person looks at the site as a role or group, see ``security.viewer.ViewAs``
    view_as: Mapped[dict[str, Any] | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")

    user: Mapped[User] = relationship(back_populates="sessions")


class UserIdentity(Base):
    """Who somebody is elsewhere: a provider's name for a person, tied to their account."""

    __tablename__ = "user_identity"
    __table_args__ = (Index("uq_user_identity_provider_subject", "provider", "subject", unique=True),)

    id: Mapped[PrimaryKey]
    #: the name of a :class:`plein.contributions.SignInMethod`
    provider: Mapped[str]
    subject: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_used_at: Mapped[datetime] = mapped_column(default=utcnow)


class SignInLink(Base):
    """A link that signs in once. Opening it shows a button; only pressing that uses it up."""

    __tablename__ = "sign_in_link"

    id: Mapped[PrimaryKey]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    #: ``sign_in``, ``invitation`` or ``reset``: what the page of the link says, and asks
    purpose: Mapped[str] = mapped_column(default="sign_in")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SiteRole(Base):
    """An office in the site beside that of administrator (``User.is_admin``): people manager, moderator, …"""

    __tablename__ = "site_role"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Group(Base):
    """A set of people in the organisation: a department, a project, a pilot. Kept by hand or by a source."""

    __tablename__ = "group"
    __table_args__ = (Index("uq_group_source_external_id", "source", "external_id", unique=True),)

    id: Mapped[PrimaryKey]
    uid: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    #: the name folded, so that both databases sort alike
    sort_name: Mapped[str] = mapped_column(index=True)
    #: department, project or pilot
    kind: Mapped[str] = mapped_column(default="department")
    description: Mapped[str] = mapped_column(default="")
    #: what keeps it: empty for people, else the name of a source (``csv``, a plugin's)
    source: Mapped[str | None]
    #: what the source calls it
    external_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class GroupMember(Base):
    """A person who was put into a group itself."""

    __tablename__ = "group_member"

    group_id: Mapped[int] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class GroupChild(Base):
    """A group inside another: who is in the child is in the parent too."""

    __tablename__ = "group_child"

    parent_id: Mapped[int] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), primary_key=True, index=True)


class GroupPerson(Base):
    """Who is in a group, directly or through groups inside it: what every question about groups reads.

    Written only by the service of groups, in the transaction that changes a member or a nesting.
    """

    __tablename__ = "group_person"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), primary_key=True, index=True)
