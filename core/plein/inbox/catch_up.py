"""What somebody missed while they were away, in what they follow: the most important first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.content.tag_models import ContentTag
from plein.db import utcnow
from plein.inbox.models import Follow, Notification
from plein.people.models import SignInSession, User
from plein.security.viewer import Viewer
from plein.spaces.belonging import spaces_of, who_is
from plein.spaces.models import Space

SIZE = 50
#: Shorter than this nobody was away.
AWAY = timedelta(days=3)
#: Where nothing says since when, and the most that is looked back.
USUAL, FURTHEST = timedelta(days=7), timedelta(days=370)


@dataclass(frozen=True, slots=True)
class Missed:
    """Something that is new or changed.

    :param why: ``addressed``, ``own``, ``followed`` or ``space``.
    """

    type: str
    title: str
    slug: str
    space_slug: str
    space: str
    by: str | None
    at: datetime
    is_new: bool
    why: str


def last_visit(db: Session, viewer: Viewer) -> datetime:
    """Until when the person was here before this visit; a week ago where that is not known, or was just now."""
    now = utcnow()
    last = db.scalar(
        select(func.max(SignInSession.last_seen_at)).where(
            SignInSession.user_id == viewer.user_id, SignInSession.id != viewer.session_id
        )
    )
    return last if last is not None and last < now - AWAY else now - USUAL


def begin(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which *day* begins, and not longer ago than is looked back."""
    return max(datetime.combine(day, time(0), tzinfo=zone), utcnow() - FURTHEST)


def missed(db: Session, viewer: Viewer, since: datetime) -> Sequence[Missed]:
    """What was published or changed since then, most important first. One statement.

    First what was meant for the person, then their own, what they follow, and last their spaces; among these what is
    read most.
    """
    followed, in_space = _followed(viewer), Content.space_id.in_(spaces_of(who_is(viewer, utcnow())))
    own = or_(Content.author_id == viewer.user_id, Content.owner_id == viewer.user_id)
    addressed = exists(
        select(Notification.id).where(
            Notification.user_id == viewer.user_id,
            Notification.content_id == Content.id,
            Notification.reason == "addressed",
            Notification.created_at >= since,
        )
    )
    place = case((addressed, 0), (own, 1), (followed, 2), else_=3)
    is_new = func.coalesce(Content.published_at, Content.created_at) >= since
    by = User.name.label("by")
    rows: Any = (
        select(Content.type, Content.title, Content.slug, Space.slug, Space.name, by, Content.updated_at, is_new, place)
        .join(Space, Space.id == Content.space_id)
        .outerjoin(User, User.id == Content.updated_by_id)
        .where(
            Content.state == "published",
            Content.updated_at >= since,
            or_(Content.updated_by_id.is_(None), Content.updated_by_id != viewer.user_id),
            or_(addressed, own, followed, in_space),
        )
        .order_by(place, Content.popularity.desc(), Content.updated_at.desc(), Content.id)
        .limit(SIZE)
    )
    found: Any = db.execute(rows)
    return [
        Missed(row[0], row[1], row[2], row[3], row[4], row[5], row[6], bool(row[7]), _REASONS[row[8]]) for row in found
    ]


#: By place.
_REASONS = ("addressed", "own", "followed", "space")


def _followed(viewer: Viewer) -> ColumnElement[bool]:
    def ids(kind: str) -> Any:
        return select(Follow.target_id).where(
            Follow.user_id == viewer.user_id, Follow.kind == kind, Follow.level.in_(("all", "following"))
        )

    tagged = select(ContentTag.content_id).where(ContentTag.tag_id.in_(ids("tag")))
    return or_(
        Content.id.in_(ids("item")),
        and_(Content.space_id.in_(ids("space"))),
        Content.id.in_(tagged),
        Content.updated_by_id.in_(ids("user")),
    )
