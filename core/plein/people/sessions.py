"""Sign-in sessions: a signed-in browser, kept in the database so that it can be ended at once.

The cookie holds 256 random bits, the table only their hash. A session ends when it has been idle, when its day is
over, when it is ended here, or when its person is suspended.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import Text, bindparam, case, cast, delete, func, null, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.db.aside import aside
from plein.people.faces import NUMBER
from plein.people.models import GroupPerson, SignInSession, SiteRole, User
from plein.people.second_factor.duty import must_have
from plein.people.standing import is_active, today
from plein.people.words import FACES
from plein.security.cookies import session_cookie
from plein.security.models import Stamp
from plein.security.rights import current_stamp
from plein.security.viewer import ANONYMOUS, ViewAs, Viewer

log = structlog.get_logger(__name__)

#: "Last seen" is written at most this often: a page view is a read.
TOUCH_EVERY = timedelta(minutes=1)
_TOUCH_PATIENCE_MS = 50

#: Kept of what the browser calls itself, in characters.
_AGENT_LENGTH = 300


def new_token() -> str:
    """A secret of 256 random bits, for a cookie or a link."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What the database keeps of a secret. Random bits need no slow hash."""
    return sha256(token.encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Device:
    """A signed-in browser, as its person sees it in the list of devices."""

    id: int
    agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    method: str
    strong: bool


_NOTHING_WAITS = {"waits": null(), "waits_until": None}


class SessionService:
    """Makes and ends sessions. Never commits."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def start(self, user_id: int, *, lasts: timedelta, agent: str = "", **values: Any) -> str:
        """A new session for the person; gives the token for the cookie. What has expired is cleared away.

        :param values: what else is kept of it: address, method, strong, provider, provider_session, renews.
        """
        token, now = new_token(), utcnow()
        self.db.execute(delete(SignInSession).where(SignInSession.expires_at < now))
        self.db.execute(update(SignInSession).where(SignInSession.waits_until < now).values(_NOTHING_WAITS))
        self.db.add(
            SignInSession(
                token_hash=hash_token(token),
                user_id=user_id,
                created_at=now,
                last_seen_at=now,
                expires_at=now + lasts,
                agent=agent[:_AGENT_LENGTH],
                **values,
            )
        )
        self.db.flush()
        return token

    def renew(self, session_id: int, *, strong: bool = False) -> str:
        """The person of this session proved anew who they are: it gets another token, for the cookie.

        :param strong: with a second factor.
        """
        token = new_token()
        values: dict[str, Any] = {"token_hash": hash_token(token), "confirmed_at": utcnow()}
        if strong:
            values["strong"] = True
        self.db.execute(update(SignInSession).where(SignInSession.id == session_id).values(values))
        return token

    def came_by(self, session_id: int) -> tuple[str, str]:
        """The provider that a session came by, and what it calls the session; empty where it came by itself."""
        row = self.db.execute(
            select(SignInSession.provider, SignInSession.provider_session).where(SignInSession.id == session_id)
        ).one_or_none()
        return (row.provider, row.provider_session) if row is not None else ("", "")

    def end(self, user_id: int, session_id: int) -> bool:
        """End one session of this person; says whether there was one."""
        done = self.db.execute(
            delete(SignInSession).where(SignInSession.id == session_id, SignInSession.user_id == user_id)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    def end_all(self, user_id: int, *, keep: int | None = None) -> None:
        """End every session of this person, but the one whose id is *keep*."""
        statement = delete(SignInSession).where(SignInSession.user_id == user_id)
        if keep is not None:
            statement = statement.where(SignInSession.id != keep)
        self.db.execute(statement)

    def devices(self, user_id: int, *, idle: timedelta, idle_renews: timedelta) -> Sequence[Device]:
        """The person's sessions that still count, last used first; at most 100.

        :param idle_renews: how long one may rest whose provider signs in again without asking.
        """
        now = utcnow()
        rows = self.db.execute(
            select(
                SignInSession.id,
                SignInSession.agent,
                SignInSession.address,
                SignInSession.created_at,
                SignInSession.last_seen_at,
                SignInSession.method,
                SignInSession.strong,
            )
            .where(
                SignInSession.user_id == user_id,
                SignInSession.expires_at > now,
                SignInSession.last_seen_at > case((SignInSession.renews, now - idle_renews), else_=now - idle),
            )
            .order_by(SignInSession.last_seen_at.desc())
            .limit(100)
        )
        return [Device(*row) for row in rows]


_FIND = (
    select(
        SignInSession.id.label("session_id"),
        SignInSession.last_seen_at,
        User.id.label("user_id"),
        User.name,
        User.kind,
        User.is_admin,
        User.locale,
        SignInSession.confirmed_at,
        SignInSession.view_as,
        SignInSession.strong,
        select(func.aggregate_strings(SiteRole.role, " "))
        .where(SiteRole.user_id == User.id)
        .scalar_subquery()
        .label("roles"),
        select(func.aggregate_strings(cast(GroupPerson.group_id, Text), " "))
        .where(GroupPerson.user_id == User.id)
        .scalar_subquery()
        .label("group_ids"),
        current_stamp().scalar_subquery().label("rights"),
        select(Stamp.number).where(Stamp.name == FACES).scalar_subquery().label("faces"),
    )
    .join(User, User.id == SignInSession.user_id)
    .where(
        SignInSession.token_hash == bindparam("token_hash"),
        SignInSession.expires_at > bindparam("now"),
        SignInSession.last_seen_at > case((SignInSession.renews, bindparam("idle_renews")), else_=bindparam("idle")),
        is_active(User, bindparam("today")),
    )
)


#: Where the registry keeps paths that scripts ask for again and again: they do not keep a session alive.
BY_ITSELF = "plein.asked_by_itself"


def idle_time(request: Request, *, renews: bool = False) -> timedelta:
    """How long a session may rest (``plein.session_idle_hours``); another time where its provider *renews* it."""
    name = "plein.sso_session_idle_hours" if renews else "plein.session_idle_hours"
    return timedelta(hours=request.registry["plein.settings"][name])


def lifetime(request: Request, *, renews: bool = False) -> timedelta:
    """How long a session lasts at most (``plein.session_absolute_hours``); likewise."""
    name = "plein.sso_session_absolute_hours" if renews else "plein.session_absolute_hours"
    return timedelta(hours=request.registry["plein.settings"][name])


def load_viewer(request: Request) -> Viewer:
    """Who the session cookie says it is: one statement, in a read of its own.

    A suspended person, an idle and an expired session are nobody.
    """
    token = request.cookies.get(session_cookie(request.registry))
    if not token:
        return ANONYMOUS
    engine, now = request.registry["plein.engine"], utcnow()
    # Core, not the session: nothing here is guarded, and this runs on every request.
    values = {
        "token_hash": hash_token(token),
        "now": now,
        "idle": now - idle_time(request),
        "idle_renews": now - idle_time(request, renews=True),
        "today": today(request.registry["plein.settings"]["plein.time_zone"]),
    }
    with engine.connect() as connection:
        row = connection.execute(_FIND, values)
        found = row.one_or_none()
    if found is None:
        return ANONYMOUS
    # What an open page asks by itself is no sign of somebody who is there.
    if found.last_seen_at < now - TOUCH_EVERY and request.path_info not in request.registry.get(BY_ITSELF, ()):
        _touch(engine, found.session_id, now)
    request.environ[NUMBER] = found.faces or 0
    return _viewer(found, request.registry["plein.settings"]["plein.second_factor"])


def _viewer(found: Any, rule: str) -> Viewer:
    """The viewer in a row of the statement above.

    :param rule: who must have a second factor.
    """
    view_as, roles = _view_as(found.view_as), frozenset((found.roles or "").split())
    # What has not been proved with a second factor gives no office: somebody may have stolen a password.
    due = not found.strong and must_have(rule, is_admin=found.is_admin, roles=roles)
    holds = view_as is None and not due
    return Viewer(
        user_id=found.user_id,
        name=found.name,
        kind="guest" if found.kind == "guest" else "person",
        # A guest holds nothing in the site, whatever a row says.
        is_admin=found.is_admin and holds and found.kind == "person",
        locale=found.locale,
        session_id=found.session_id,
        roles=roles if holds else frozenset(),
        rights=found.rights or 0,
        confirmed_at=found.confirmed_at,
        view_as=view_as,
        strong=found.strong,
        factor_due=due,
        group_ids=groups_in(found.group_ids) if found.kind == "person" else frozenset(),
    )


def groups_in(kept: str | None) -> frozenset[int]:
    """The groups in a column of numbers with spaces between."""
    return frozenset(map(int, (kept or "").split()))


def _view_as(kept: dict[str, Any] | None) -> ViewAs | None:
    return ViewAs(**{**kept, "group_ids": tuple(kept.get("group_ids", ()))}) if kept else None


def _touch(engine: Any, session_id: int, now: datetime) -> None:
    is_over = SignInSession.waits_until < now
    statement = (
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(last_seen_at=now, waits=case((is_over, null()), else_=SignInSession.waits))
    )
    try:
        with aside(engine, wait_ms=_TOUCH_PATIENCE_MS) as connection:
            connection.execute(statement)
    except OperationalError:
        # Somebody else is writing. The next page tries again; idleness is counted in hours.
        log.debug("session.touch_skipped")


def includeme(config: Configurator) -> None:
    config.registry["plein.load_viewer"] = load_viewer
