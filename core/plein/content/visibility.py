"""Who sees what: the only place that says so, as SQL.

Importing this module puts the guard in force. Space rows and content rows each have one expression, and whatever
hangs on content is seen by exactly those who see the item. The same expressions, asked of every person at once, count
the audience of an item: see ``content.audience``.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    false,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from plein.content.models import Content, ContentAudience, OfContent
from plein.db import UTCDateTime, protect, share, utcnow
from plein.ladder.clauses import Shaped, rolled_out
from plein.ladder.rungs import Ladder, Shape
from plein.security.viewer import ANONYMOUS, ViewAs, Viewer
from plein.spaces.belonging import Who, broken_by, groups_of, is_person, seen_as, spaces_of, who_is, words
from plein.spaces.models import GroupMembership, Membership, Space, SpaceRedirect

# See ``spaces.belonging`` for why these are tables, and have names of their own.
_space = Space.__table__.alias("guard_space")
_content = Content.__table__.alias("guard_content")
_audience = ContentAudience.__table__.alias("guard_audience")

#: States of what is not to be read yet.
UNPUBLISHED = ("draft", "scheduled")
#: Who sees what was thrown away, so that it can be put back.
TRASH_ROLES = ("manager", "editor")
#: Levels in an audience: of whoever reads an item that is for some people only, and of whoever writes a draft.
READERS = ("read", "write")
WRITERS = ("write", "draft")
#: Who sees a draft that waits for approval.
APPROVER_ROLES = ("manager", "editor")
_OPEN, _CLOSED = words("open", "closed")
_PUBLISHED, _ARCHIVED, _DRAFT, _SCHEDULED, _TRASHED = words("published", "archived", "draft", "scheduled", "trashed")


def known_space(entity: Any, who: Who) -> ColumnElement[bool]:
    """Spaces that *who* may know of. Reading what is in a closed one takes membership."""
    mine = entity.id.in_(spaces_of(who))
    broken = broken_by(who)
    return or_(
        and_(is_person(who), entity.access.in_([_OPEN, _CLOSED])),
        mine,
        *([] if broken is None else [entity.id.in_(broken)]),
    )


def readable(columns: Any, who: Who) -> ColumnElement[bool]:
    """Items that *who* may read: by state, space and the item's own audience; or all, where they broke the glass. And
    only of plugins that they have there.

    :param columns: of an item: ``id`` (or ``content_id``), ``type``, ``space_id``, ``state``, ``restricted``,
        ``author_id``, ``owner_id``, and ``open_proposals`` where that is known.
    """
    own = _own(columns, who)
    reads = or_(columns.restricted.is_(False), own, in_audience(columns, who, *READERS))
    open_spaces = select(_space.c.id).where(_space.c.access == _OPEN)
    rule = and_(
        or_(and_(is_person(who), columns.space_id.in_(open_spaces)), columns.space_id.in_(spaces_of(who))),
        or_(
            and_(columns.state.in_([_PUBLISHED, _ARCHIVED]), reads),
            # A draft is for whoever writes it, restricted or not, and whoever is to approve it.
            and_(
                columns.state.in_([_DRAFT, _SCHEDULED]),
                or_(own, in_audience(columns, who, *WRITERS), and_(_waits_for(columns, who), reads)),
            ),
            and_(columns.state == _TRASHED, columns.space_id.in_(spaces_of(who, TRASH_ROLES)), reads),
        ),
    )
    broken = broken_by(who)
    if broken is not None:
        rule = or_(rule, columns.space_id.in_(broken))
    limits = [] if who.ladder is None else list(rolled_out(columns, who))
    return and_(rule, *limits) if limits else rule


def _waits_for(columns: Any, who: Who) -> ColumnElement[bool]:
    """Whether an item is a draft that waits for the approval of somebody like *who*. What search keeps knows it not."""
    waiting = getattr(columns, "open_proposals", None)
    if waiting is None:
        return false()
    return and_(waiting > literal_column("0"), columns.space_id.in_(spaces_of(who, APPROVER_ROLES)))


def _own(columns: Any, who: Who) -> ColumnElement[bool]:
    if who.view_as is not None:
        return false()
    return or_(columns.author_id == who.user_id, columns.owner_id == who.user_id)


def in_audience(columns: Any, who: Who, *levels: str) -> ColumnElement[bool]:
    """Whether *who* is named, or is in a group that is named, in the audience of an item.

    :param columns: of an item; or with ``named``, who would be named in one that is not stored yet.
    :param levels: only rows of these levels.
    """
    planned = getattr(columns, "named", None)
    if planned is not None:
        groups = groups_of(who)
        by_group = exists(groups.where(groups.selected_columns[0].in_(planned.group_ids)))
        return or_(who.user_id.in_(planned.user_ids), by_group)
    named = []
    if who.view_as is None:
        named.append(_audience.c.user_id == who.user_id)
        groups = groups_of(who)
        if groups is not None:
            named.append(_audience.c.group_id.in_(groups))
    elif who.view_as.role is None:
        named.append(_audience.c.group_id.in_(who.view_as.group_ids))
    if not named:
        return false()
    item = columns.content_id if hasattr(columns, "content_id") else columns.id
    rows: Select[Any] = select(literal_column("1")).where(_audience.c.content_id == item, or_(*named))
    return exists(rows.where(_audience.c.level.in_(words(*levels))))


def may_write(db: Session, viewer: Viewer, item: Content) -> bool:
    """Whether the audience of *item* names *viewer*, or a group of theirs, as somebody who writes it.

    That is with the level ``write``, or as long as it is a draft as a co-writer.
    """
    who = who_is(viewer, utcnow())
    levels = WRITERS if item.state in UNPUBLISHED else ("write",)
    found = select(_content.c.id).where(_content.c.id == item.id, in_audience(_content.c, who, *levels))
    return viewer.view_as is None and db.execute(found).first() is not None


# -- the guard's clauses -------------------------------------------------------------------------------------------


def everyone_asked(viewer: Viewer) -> list[Who]:
    """The viewer, and where they look as somebody else that one too: each must be allowed to see it."""
    asked = [who_is(viewer, _now(viewer))]
    return asked if viewer.view_as is None else [*asked, seen_as(viewer.view_as, viewer.ladder)]


def _now(viewer: Viewer) -> Any:
    # The stand-in's moment is a parameter, the viewer's own is now.
    return _NOW if viewer.user_id is _USER_ID else utcnow()


def visible_space(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Spaces that *viewer* may know of."""
    if not viewer.is_signed_in:
        return false()
    return and_(*(known_space(entity, who) for who in everyone_asked(viewer)))


def visible_content(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Items that *viewer* may read."""
    if not viewer.is_signed_in:
        return false()
    columns = entity.c if entity is _content else entity
    return and_(*(readable(columns, who) for who in everyone_asked(viewer)))


def visible_of_content(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rows that hang on an item, for those who see the item."""
    return exists(
        select(literal_column("1")).where(_content.c.id == entity.content_id, visible_content(_content, viewer))
    )


def visible_membership(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Memberships, of people and of groups, in spaces that *viewer* may know of."""
    return exists(select(literal_column("1")).where(_space.c.id == entity.space_id, visible_space(_space.c, viewer)))


_USER_ID: Any = bindparam("guard_user_id", type_=Integer, required=True)
_NOW: Any = bindparam("guard_now", type_=UTCDateTime, required=True)
_SPACE_ID: Any = bindparam("guard_space_id", type_=BigInteger, required=True)
_ROLE: Any = bindparam("guard_role", required=True)
_GROUP_IDS: Any = bindparam("guard_group_ids", type_=BigInteger, expanding=True, required=True)

_STAND_INS = {
    "person": Viewer(user_id=_USER_ID, kind="person"),
    "guest": Viewer(user_id=_USER_ID, kind="guest"),
    "admin": Viewer(user_id=_USER_ID, kind="person", is_admin=True),
    "as_role": Viewer(user_id=_USER_ID, kind="person", view_as=ViewAs(space_id=_SPACE_ID, role=_ROLE)),
    "as_group": Viewer(user_id=_USER_ID, kind="person", view_as=ViewAs(group_ids=_GROUP_IDS)),
}


def stand_in(viewer: Viewer) -> tuple[Viewer, dict[str, Any]]:
    """Whose clauses *viewer* shares: all that the clauses above ask of a viewer, and the values that are its own."""
    if not viewer.is_signed_in:
        return ANONYMOUS, {}
    kind, more = _kind(viewer)
    return _stands_in(kind, viewer.ladder), {_USER_ID.key: viewer.user_id, **more}


def _kind(viewer: Viewer) -> tuple[str, dict[str, Any]]:
    if viewer.kind == "guest":
        return "guest", {}
    if viewer.view_as is not None:
        if viewer.view_as.role is not None:
            return "as_role", {_SPACE_ID.key: viewer.view_as.space_id, _ROLE.key: viewer.view_as.role}
        return "as_group", {_GROUP_IDS.key: list(viewer.view_as.group_ids)}
    return ("admin", {_NOW.key: utcnow()}) if viewer.is_admin else ("person", {})


def _stands_in(kind: str, ladder: Ladder | None) -> Viewer:
    if ladder is None or not ladder.shape:
        return _STAND_INS[kind]
    return _on_ladder(kind, ladder.shape)


@lru_cache(maxsize=64)
def _on_ladder(kind: str, shape: Shape) -> Viewer:
    # All that clauses ask of a ladder is its shape: two that are shaped alike share them.
    return replace(_STAND_INS[kind], ladder=Shaped(shape))


share(stand_in)
protect(Space, visible_space)
protect(Membership, visible_membership)
protect(GroupMembership, visible_membership)
protect(SpaceRedirect, visible_membership)
protect(Content, visible_content)
protect(OfContent, visible_of_content)
