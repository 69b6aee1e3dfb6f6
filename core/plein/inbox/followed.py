"""What somebody follows, as a list: of each kind what it is called, where it is, and how closely."""

from collections.abc import Sequence
from typing import Any

from pyramid.request import Request
from sqlalchemy import Select, and_, func, literal, null, or_, select
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.content.tag_models import Tag
from plein.db import utcnow
from plein.inbox.models import Follow
from plein.people.models import User
from plein.people.seeing import may_meet
from plein.security.viewer import Viewer
from plein.spaces.belonging import spaces_of, who_is
from plein.spaces.models import Space

PAGE = 50


def page(db: Session, viewer: Viewer, kind: str, after: str, *, usual: str) -> tuple[Sequence[Any], str]:
    """Rows of id, name, level, cause and parts of an address, by number; and what continues them. One statement.

    Spaces that the person belongs to are among them, without a word of theirs too.

    :param usual: how closely such spaces are followed.
    """
    statement, key = _statement(viewer, kind, usual)
    if after.isascii() and after.isdigit() and len(after) < 19:
        statement = statement.where(key > int(after))
    found = db.execute(statement.order_by(key).limit(PAGE + 1)).all()
    return found[:PAGE], str(found[PAGE - 1].id) if len(found) > PAGE else ""


def _statement(viewer: Viewer, kind: str, usual: str) -> tuple[Select[Any], Any]:
    own = and_(Follow.user_id == viewer.user_id, Follow.kind == kind)
    said = (Follow.level, Follow.cause)
    if kind == "space":
        belongs = Space.id.in_(spaces_of(who_is(viewer, utcnow())))
        level = func.coalesce(Follow.level, literal(usual)).label("level")
        spaces: Any = select(
            Space.id, Space.name, level, Follow.cause, Space.slug, null().label("place"), null().label("type")
        )
        joined = spaces.outerjoin(Follow, and_(own, Follow.target_id == Space.id))
        return joined.where(or_(Follow.id.is_not(None), belongs)), Space.id
    if kind == "item":
        items: Any = select(
            Content.id, Content.title.label("name"), *said, Content.slug, Space.slug.label("place"), Content.type
        )
        found = items.join(Space, Space.id == Content.space_id).join(Follow, Follow.target_id == Content.id)
        return found.where(own, Content.state != "trashed"), Content.id
    if kind == "tag":
        tags: Any = select(Tag.id, Tag.name, *said, Tag.slug, null().label("place"), null().label("type"))
        return tags.join(Follow, Follow.target_id == Tag.id).where(own), Tag.id
    people: Any = select(
        User.id, User.name, *said, User.login.label("slug"), null().label("place"), null().label("type")
    )
    return people.join(Follow, Follow.target_id == User.id).where(own, may_meet(User, viewer)), User.id


def path(request: Request, kind: str, row: Any) -> str | None:
    """Where it is; ``None`` where it has no page."""
    if kind == "item":
        known = row.type in request.plugins.content_types
        return request.route_path(f"{row.type}.show", space=row.place, slug=row.slug) if known else None
    if kind == "space":
        return request.route_path("space.home", space=row.slug)
    if kind == "user":
        return request.route_path("people.show", login=row.slug)
    return request.route_path("tags.show", slug=row.slug)
