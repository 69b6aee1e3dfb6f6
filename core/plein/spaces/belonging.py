"""Who belongs to which space, as SQL: directly, by a group, or for an hour as an administrator who broke the glass.

The question is asked in two directions with the same expressions: which spaces a viewer is in (the guard), and which
people are in a space (audiences). So the answer to one cannot differ from the answer to the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from plein.people.models import GroupPerson, User
from plein.people.standing import is_active
from plein.security.viewer import ViewAs, Viewer
from plein.spaces.models import ROLES, BrokenGlass, GroupMembership, Membership, Space

# Tables, not entities: inside the guard's own clause the guard must not apply again. Under names of their own, or a
# statement that reads the same table would swallow the one in here (SQLAlchemy correlates equal tables by itself).
_membership = Membership.__table__.alias("guard_membership")
_group_membership = GroupMembership.__table__.alias("guard_group_membership")
_group_person = GroupPerson.__table__.alias("guard_group_person")
_broken_glass = BrokenGlass.__table__.alias("guard_broken_glass")
_person = User.__table__.alias("guard_person")


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever is asked about, as SQL: one viewer, or each row of a table of people.

    :param user_id: a value, a parameter or a column.
    :param is_person: whether it is a colleague and not a guest; ``True``, ``False`` or an expression.
    :param may_break: whether glass that they broke counts: who is an administrator; a value or an expression.
    :param now: the moment until which broken glass is looked at.
    :param view_as: what they look at the site as; then *user_id* has no part in it.
    :param table: the table of people that *user_id* is a column of.
    :param ladder: where plugins stand, for what they read.
    """

    user_id: Any
    is_person: Any
    may_break: Any
    now: Any
    view_as: ViewAs | None = None
    table: Any = None
    ladder: Any = None

    def within(self, statement: Select[Any]) -> Select[Any]:
        """*statement* as part of one that reads the people asked about, however deep inside it stands."""
        return statement if self.table is None else statement.correlate(self.table)

    @property
    def asks_person(self) -> ColumnElement[bool] | None:
        """The condition that it is a colleague, where only the database knows."""
        return None if isinstance(self.is_person, bool) else self.is_person


def who_is(viewer: Viewer, now: Any) -> Who:
    """A viewer as SQL asks about them."""
    return Who(viewer.user_id, viewer.kind == "person", viewer.is_admin, now, ladder=viewer.ladder)


def seen_as(view_as: ViewAs, ladder: Any = None) -> Who:
    """A role or a group as SQL asks about it: a colleague who is nobody in particular."""
    return Who(None, True, False, None, view_as, ladder=ladder)


def each_of(users: Any, now: Any, ladder: Any) -> Who:
    """Each row of *users* (the class of people), all of them at once.

    :param ladder: where plugins stand, see :func:`plein.ladder.ladder_of`; ``None`` where only spaces are asked about.
    """
    return Who(users.id, users.kind == "person", users.is_admin, now, table=users.__table__, ladder=ladder)


def words(*texts: str) -> list[ColumnElement[str]]:
    """Words of ours, written into the SQL: as parameters, hundreds in a statement, they cost more than it does."""
    return [literal_column(f"'{text}'") for text in texts]


MEMBER_ROLES = tuple(ROLES)


def spaces_of(who: Who, roles: Iterable[str] = MEMBER_ROLES) -> Any:
    """The ids of spaces in which *who* has one of *roles*."""
    allowed = words(*roles)
    if who.view_as is not None:
        return _spaces_seen_as(who.view_as, allowed)
    direct = who.within(
        select(_membership.c.space_id).where(_membership.c.user_id == who.user_id, _membership.c.role.in_(allowed))
    )
    if who.is_person is False:
        return direct
    via_group = (
        select(_group_membership.c.space_id)
        .select_from(_group_membership.join(_group_person, _group_person.c.group_id == _group_membership.c.group_id))
        .where(_group_person.c.user_id == who.user_id, _group_membership.c.role.in_(allowed))
    )
    if who.asks_person is not None:
        via_group = via_group.where(who.asks_person)
    return union_all(direct, who.within(via_group))


def _spaces_seen_as(view_as: ViewAs, allowed: list[ColumnElement[str]]) -> Any:
    if view_as.role is not None:
        # A select without a table: the one space, where the role is among those that are asked for.
        return select(type_coerce(view_as.space_id, BigInteger)).where(type_coerce(view_as.role, Text).in_(allowed))
    return select(_group_membership.c.space_id).where(
        _group_membership.c.group_id.in_(view_as.group_ids), _group_membership.c.role.in_(allowed)
    )


def groups_of(who: Who) -> Any:
    """The ids of groups that *who* is in. A guest is in none: groups open nothing to guests."""
    if who.view_as is not None or who.is_person is False:
        return None
    groups = who.within(select(_group_person.c.group_id).where(_group_person.c.user_id == who.user_id))
    return groups if who.asks_person is None else groups.where(who.asks_person)


def broken_by(who: Who) -> Any:
    """The ids of spaces that *who* looks into for an hour; ``None`` for whoever cannot."""
    if who.may_break is False:
        return None
    broken = select(_broken_glass.c.space_id).where(
        _broken_glass.c.user_id == who.user_id, _broken_glass.c.ends_at > who.now
    )
    return who.within(broken if who.may_break is True else broken.where(who.may_break))


def is_person(who: Who) -> ColumnElement[bool]:
    """The condition that *who* is a colleague."""
    if isinstance(who.is_person, bool):
        return true() if who.is_person else false()
    return who.is_person


#: The place of each role, most rights first; a visitor comes last.
RANKS = {role: place for place, role in enumerate(ROLES)}


def rank(column: Any) -> Any:
    """The place of the role in *column*; empty for what is no role (a request)."""
    return case(RANKS, value=column)


@cache
def best_group_rank(user_id: str = "user_id") -> Any:
    """Scalar subquery of the outer :class:`Space`: the best place that the person ``:user_id`` has there by groups."""
    return (
        select(func.min(rank(GroupMembership.role)))
        .select_from(GroupMembership)
        .join(GroupPerson, GroupPerson.group_id == GroupMembership.group_id)
        .where(GroupMembership.space_id == Space.id, GroupPerson.user_id == bindparam(user_id))
        .correlate(Space)
        .scalar_subquery()
    )


# -- the people of a space -----------------------------------------------------------------------------------------


def _people(space_id: Any, roles: Iterable[str]) -> tuple[Any, Any]:
    """Selects of whoever has one of *roles* in a space and can sign in: in person, and by a group."""
    allowed = words(*roles)
    direct = (
        select(_person.c.id)
        .select_from(_membership.join(_person, _person.c.id == _membership.c.user_id))
        .where(_membership.c.space_id == space_id, _membership.c.role.in_(allowed), is_active(_person.c))
    )
    by_group = (
        select(_person.c.id)
        .select_from(
            _group_membership.join(_group_person, _group_person.c.group_id == _group_membership.c.group_id).join(
                _person, _person.c.id == _group_person.c.user_id
            )
        )
        .where(
            _group_membership.c.space_id == space_id,
            _group_membership.c.role.in_(allowed),
            _person.c.kind == "person",
            is_active(_person.c),
        )
    )
    return direct.correlate(Space), by_group.correlate(Space)


def people_in(space_id: Any, roles: Iterable[str] = MEMBER_ROLES) -> Any:
    """The ids of the people in a space; of whoever is in it twice, twice.

    :param space_id: a number, or ``Space.id`` of the statement around it.
    """
    return union_all(*_people(space_id, roles))


def members_of(db: Session, space_id: int, roles: Iterable[str] = MEMBER_ROLES) -> list[int]:
    """The ids of the people who have one of *roles* in a space, in person or by a group, each once.

    :param roles: of manager, editor, member and reader; all of them where not given.
    """
    return sorted(set(db.scalars(select(people_in(space_id, roles).subquery()))))


def head_count(space_id: Any, up_to: int | None = None) -> Any:
    """Scalar subquery: how many people are in a space, each counted once.

    :param up_to: look at no more rows than this, so that a list with many large spaces costs no more than one with
        small ones. Where there are more, the answer is negative: at least so many people.
    """
    rows = people_in(space_id)
    if up_to is not None:
        rows = rows.limit(up_to + 1)
    people = rows.subquery("people_in")
    number: Any = func.count(people.c.id.distinct())
    if up_to is not None:
        number = case((func.count() > up_to, -number), else_=number)
    return select(number).select_from(people).scalar_subquery()


def has_manager(space_id: Any) -> ColumnElement[bool]:
    """Whether a colleague who can sign in manages the space, in person or by a group."""
    direct, by_group = _people(space_id, ("manager",))
    return or_(exists(direct.where(_person.c.kind == "person")), exists(by_group))


_above = Space.__table__.alias("guard_above")


def still_there(space_ids: Iterable[int]) -> Any:
    """The ids of those of the spaces that exist, whoever may know of them."""
    return select(_above.c.id).where(_above.c.id.in_(list(space_ids)))


def ancestors(space_id: int) -> Any:
    """Table of ``id`` and ``steps``: what a space lies below, one step for its parent. Nobody may have seen them all.

    A circle, which no service makes, would end as well: no way up is longer than this.
    """
    first = select(_above.c.parent_id.label("id"), literal(1).label("steps")).where(
        _above.c.id == space_id, _above.c.parent_id.is_not(None)
    )
    up = first.cte("above", recursive=True)
    more = select(_above.c.parent_id, up.c.steps + 1).where(
        _above.c.id == up.c.id, _above.c.parent_id.is_not(None), up.c.steps < MAX_STEPS
    )
    return up.union_all(more)


#: The longest way up that is followed.
MAX_STEPS = 20
