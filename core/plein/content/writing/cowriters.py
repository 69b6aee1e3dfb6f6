"""Co-writers: people and groups who read and change a draft before it is published, beside its author and owner.

They stand in the audience of the item with the level ``draft``, which the guard counts as long as the item is a draft
or waits for its moment. When it is published they are let go: what they are then, the space and the audience say.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.content.audience import Named, NamedRow
from plein.content.models import Content, ContentAudience
from plein.content.visibility import UNPUBLISHED
from plein.people.models import Group, User


def named(db: Session, item: Content) -> list[NamedRow]:
    """The co-writers of *item*, people first, by name. One statement."""
    name = func.coalesce(User.name, Group.name)
    rows = db.execute(
        select(User.id, User.login, User.kind, Group.id, Group.slug, name)
        .select_from(ContentAudience)
        .outerjoin(User, User.id == ContentAudience.user_id)
        .outerjoin(Group, Group.id == ContentAudience.group_id)
        .where(*_rows(item))
        .order_by(ContentAudience.user_id.is_(None), func.lower(name), ContentAudience.id)
    )
    return [
        NamedRow("group", group_id, f"group:{slug}", shown, "draft")
        if user_id is None
        else NamedRow("user", user_id, login, shown, "draft", kind == "guest")
        for user_id, login, kind, group_id, slug, shown in rows
    ]


def name(db: Session, item: Content, wanted: Named) -> bool:
    """Let *wanted* write *item*, and nobody else beside its author and owner. Whether anything changed."""
    before = db.execute(select(ContentAudience.user_id, ContentAudience.group_id).where(*_rows(item))).all()
    users, groups = {row[0] for row in before if row[0]}, {row[1] for row in before if row[1]}
    own = {item.author_id, item.owner_id}
    new_users = {one for one in wanted.user_ids if one not in own}
    new_groups = set(wanted.group_ids)
    if (users, groups) == (new_users, new_groups):
        return False
    _drop(db, item, users - new_users, groups - new_groups)
    db.add_all(ContentAudience(content_id=item.id, user_id=one, level="draft") for one in new_users - users)
    db.add_all(ContentAudience(content_id=item.id, group_id=one, level="draft") for one in new_groups - groups)
    db.flush()
    record(db, "content.co_writers", "content", item.id, people=sorted(new_users), groups=sorted(new_groups))
    return True


def let_go(db: Session, item: Content) -> None:
    """Forget the co-writers of *item*: it is published."""
    db.execute(delete(ContentAudience).where(*_rows(item)))


def is_unpublished(item: Content | None) -> bool:
    """Whether *item* can have co-writers; one that is to be made can."""
    return item is None or item.state in UNPUBLISHED


def _drop(db: Session, item: Content, users: Iterable[int], groups: Iterable[int]) -> None:
    gone = or_(ContentAudience.user_id.in_(list(users)), ContentAudience.group_id.in_(list(groups)))
    db.execute(delete(ContentAudience).where(*_rows(item), gone))


def _rows(item: Content) -> tuple[Any, ...]:
    return ContentAudience.content_id == item.id, ContentAudience.level == "draft"
