"""Whose account works at this moment: the one place that says so, for sign-in, sessions, lists and audiences."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.people.models import GroupPerson, SiteRole, User
from plein.security.viewer import ANONYMOUS, Viewer


def today(time_zone: str = "Europe/Amsterdam") -> date:
    """The day it is in *time_zone*: an account ends at midnight there."""
    return utcnow().astimezone(ZoneInfo(time_zone)).date()


def is_active(table: Any, day: Any = None) -> ColumnElement[bool]:
    """Whether the account in a row of *table* (User, or its columns) works on *day*, by default today."""
    day = today() if day is None else day
    return and_(table.state == "active", or_(table.ends_on.is_(None), table.ends_on >= day))


def may_enter(user: User, day: date) -> bool:
    """Whether *user* may come in on *day*; somebody invited may, and is active from then on."""
    return user.state in ("active", "invited") and (user.ends_on is None or user.ends_on >= day)


def viewer_for(db: Session, user_id: int | None) -> Viewer:
    """The viewer that a person is now, for work done later in their name; nobody where their account stopped working.

    :param db: any session; people are not guarded.
    """
    user = db.execute(select(User).where(User.id == user_id, is_active(User))).scalar_one_or_none()
    if user is None:
        return ANONYMOUS
    roles = frozenset(db.scalars(select(SiteRole.role).where(SiteRole.user_id == user.id)))
    groups = select(GroupPerson.group_id).where(GroupPerson.user_id == user.id)
    return Viewer(
        user_id=user.id,
        name=user.name,
        kind="guest" if user.kind == "guest" else "person",
        is_admin=user.is_admin and user.kind == "person",
        locale=user.locale,
        roles=roles,
        group_ids=frozenset(db.scalars(groups)) if user.kind == "person" else frozenset(),
    )
