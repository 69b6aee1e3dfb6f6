"""Who sees what: the only place that says so, as SQL.

Importing this module puts the guard in force. Space rows and content rows each have one expression, and whatever
hangs on content is seen by exactly those who see the item.
"""

from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, exists, false, literal_column, or_, select

from plein.content.models import Content, OfContent
from plein.db import protect, share
from plein.security.viewer import ANONYMOUS, Viewer
from plein.spaces.models import Membership, Space

# Tables, not entities: inside the guard's own clause the guard must not apply again. Under names of their own, or a
# statement that reads the same table would swallow the one in here (SQLAlchemy correlates equal tables by itself).
_space = Space.__table__.alias("guard_space")
_membership = Membership.__table__.alias("guard_membership")
_content = Content.__table__.alias("guard_content")


def _words(*words: str) -> list[ColumnElement[str]]:
    """Words of ours, written into the SQL: as parameters, hundreds in a statement, they cost more than it does."""
    return [literal_column(f"'{word}'") for word in words]


#: Who sees what was thrown away, so that it can be put back.
_TRASH_ROLES = _words("manager", "editor")
_MEMBER_ROLES = _words("manager", "editor", "member", "reader")
_OPEN, _CLOSED = _words("open", "closed")
_PUBLISHED, _ARCHIVED, _DRAFT, _TRASHED = _words("published", "archived", "draft", "trashed")


def _spaces_of(viewer: Viewer, roles: list[ColumnElement[str]] = _MEMBER_ROLES) -> Any:
    return select(_membership.c.space_id).where(_membership.c.user_id == viewer.user_id, _membership.c.role.in_(roles))


def visible_space(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Spaces that *viewer* may know of. Reading what is in a closed one takes membership."""
    if not viewer.is_signed_in:
        return false()
    mine = entity.id.in_(_spaces_of(viewer))
    if viewer.kind == "guest":
        return mine
    return or_(entity.access.in_([_OPEN, _CLOSED]), mine)


def visible_content(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Items that *viewer* may read: state, then space, then the item's own restriction."""
    if not viewer.is_signed_in:
        return false()
    columns = entity.c if entity is _content else entity
    own = or_(columns.author_id == viewer.user_id, columns.owner_id == viewer.user_id)
    readable = columns.space_id.in_(_spaces_of(viewer))
    if viewer.kind == "person":
        open_spaces = select(_space.c.id).where(_space.c.access == _OPEN)
        readable = or_(columns.space_id.in_(open_spaces), readable)
    return and_(
        readable,
        or_(
            columns.state.in_([_PUBLISHED, _ARCHIVED]),
            and_(columns.state == _DRAFT, own),
            and_(columns.state == _TRASHED, columns.space_id.in_(_spaces_of(viewer, _TRASH_ROLES))),
        ),
        or_(columns.restricted.is_(False), own),
    )


def visible_of_content(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rows that hang on an item, for those who see the item."""
    return exists(
        select(literal_column("1")).where(_content.c.id == entity.content_id, visible_content(_content, viewer))
    )


def visible_membership(entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Memberships of spaces that *viewer* may know of."""
    return exists(select(literal_column("1")).where(_space.c.id == entity.space_id, visible_space(_space.c, viewer)))


_USER_ID: Any = bindparam("guard_user_id", type_=Integer, required=True)
_STAND_INS = {kind: Viewer(user_id=_USER_ID, kind=kind) for kind in ("person", "guest")}


def stand_in(viewer: Viewer) -> tuple[Viewer, dict[str, Any]]:
    """Whose clauses *viewer* shares: all that the clauses above ask of a viewer is the kind, and which user it is."""
    if not viewer.is_signed_in:
        return ANONYMOUS, {}
    return _STAND_INS[viewer.kind], {_USER_ID.key: viewer.user_id}


share(stand_in)
protect(Space, visible_space)
protect(Membership, visible_membership)
protect(Content, visible_content)
protect(OfContent, visible_of_content)
