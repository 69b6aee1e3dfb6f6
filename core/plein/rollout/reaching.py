"""Whom a plugin reaches, counted: the answer of ``Reach`` outside of spaces, asked of every person at once.

Somebody has it where their groups try it, or where they are a member of a space that has it. A visitor of an open space
who has it only there is not counted.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.ladder import Rung
from plein.ladder.changing import Decision
from plein.people.models import GroupPerson, User
from plein.people.standing import is_active
from plein.spaces.models import ROLES, GroupMembership, Membership


def rung_of(decided: Decision, chose: Rung | None = None) -> Rung:
    """*decided* as the ladder keeps it.

    :param chose: the rung of this moment: what spaces chose stays as it is.
    """
    return Rung(
        decided.stage,
        decided.reach,  # type: ignore[arg-type]
        frozenset(decided.group_ids),
        frozenset(decided.space_ids),
        chose.chosen if chose is not None else frozenset(),
        chose.declined if chose is not None else frozenset(),
    )


def reaches(rung: Rung) -> ColumnElement[bool]:
    """The condition on ``User`` that somebody has a plugin that stands at *rung*.

    For a session that sees everything: who belongs to a hidden space counts, too.
    """
    if rung.covers in ("on", "required"):
        return true()
    groups = rung.group_ids if rung.covers == "pilot" else frozenset()
    if not groups and not rung.spaces:
        return false()
    in_groups = select(GroupPerson.user_id).where(GroupPerson.group_id.in_(sorted(groups)))
    members = select(Membership.user_id).where(Membership.space_id.in_(sorted(rung.spaces)), Membership.role.in_(ROLES))
    by_group = (
        select(GroupPerson.user_id)
        .join(GroupMembership, GroupMembership.group_id == GroupPerson.group_id)
        .where(GroupMembership.space_id.in_(sorted(rung.spaces)), GroupMembership.role.in_(ROLES))
    )
    is_colleague = User.kind == "person"
    return or_(
        and_(is_colleague, or_(User.id.in_(in_groups), User.id.in_(by_group))),
        User.id.in_(members),
    )


def count_reached(db: Session, rung: Rung) -> int:
    """How many people have it. One statement."""
    return db.scalar(select(func.count(User.id)).where(is_active(User), reaches(rung))) or 0


def count_move(db: Session, before: Rung, after: Rung) -> tuple[int, int, int, int]:
    """How many people have it now, will have it, get it and lose it. One statement."""
    now, then = reaches(before), reaches(after)
    numbers = db.execute(
        select(*(_sum(condition) for condition in (now, then, and_(then, ~now), and_(now, ~then)))).where(
            is_active(User)
        )
    ).one()
    return tuple(int(number) for number in numbers)  # type: ignore[return-value]


def shows_items(rung: Rung) -> ColumnElement[bool]:
    """The condition on ``Content`` that somebody can find an item of a plugin that stands at *rung*."""
    if rung.covers == "off":
        return false()
    if rung.covers == "required" or (rung.covers == "pilot" and rung.group_ids):
        return true()
    if rung.covers == "on":
        return Content.space_id.not_in(sorted(rung.declined))
    return Content.space_id.in_(sorted(rung.spaces))


def of_types(types: Iterable[str]) -> ColumnElement[bool]:
    """The condition on ``Content`` that an item is of one of *types*."""
    return Content.type.in_(sorted(types))


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
