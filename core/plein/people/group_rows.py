"""Who is in which group, groups inside groups included: keeps ``group_person`` true, a few statements for any number.

Whatever changes who is in a group takes the lock first. Without it, one person who puts somebody into a group and
another who puts that group into a third would each miss what the other did.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, delete, insert, select, tuple_
from sqlalchemy.orm import Session

from plein.people.models import Group, GroupChild, GroupMember, GroupPerson
from plein.security.rights import bump

#: Rows of the database are written; what a session holds of them is nobody's.
UNSYNCHRONIZED = {"synchronize_session": False}


def lock_groups(db: Session) -> None:
    """Wait until nobody else changes groups, and keep others waiting until this transaction ends."""
    bump(db, "groups")


def with_those_above(groups: Any) -> CTE:
    """The ids of *groups* and of every group that they are inside of.

    :param groups: ids, or a select of ids.
    """
    found = select(Group.id.label("id")).where(Group.id.in_(groups)).cte("those_above", recursive=True)
    return found.union(select(GroupChild.parent_id).join(found, GroupChild.child_id == found.c.id))


def with_those_inside(groups: Any) -> CTE:
    """For each of *groups* (``top``) its own id and those of every group inside it (``id``)."""
    start = select(Group.id.label("top"), Group.id.label("id")).where(Group.id.in_(groups))
    found = start.cte("those_inside", recursive=True)
    more = select(found.c.top, GroupChild.child_id).join_from(found, GroupChild, GroupChild.parent_id == found.c.id)
    return found.union(more)


def recompute(db: Session, groups: Sequence[int] | None, people: Sequence[int] | None = None) -> None:
    """Make ``group_person`` true again where the people or groups in *groups* changed. Two statements.

    :param groups: what changed; groups above follow by themselves. ``None`` for all there are.
    :param people: only these people, where no more than they were put in or taken out.
    """
    db.flush()
    if groups is None:
        above: Any = select(Group.id)
    else:
        above = select(with_those_above(groups).c.id)
    inside = with_those_inside(above)
    true = select(GroupMember.user_id, inside.c.top).join(inside, inside.c.id == GroupMember.group_id)
    stored = select(GroupPerson.user_id, GroupPerson.group_id).where(GroupPerson.group_id.in_(above))
    if people is not None:
        true = true.where(GroupMember.user_id.in_(people))
        stored = stored.where(GroupPerson.user_id.in_(people))
    key = tuple_(GroupPerson.user_id, GroupPerson.group_id)
    db.execute(delete(GroupPerson).where(key.in_(stored.except_(true))), execution_options=UNSYNCHRONIZED)
    db.execute(insert(GroupPerson).from_select(["user_id", "group_id"], true.except_(stored)))
