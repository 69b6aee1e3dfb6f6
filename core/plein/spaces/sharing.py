"""Who shares a space with whom: what a guest may know of people, and what somebody shows to those they work with."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from plein.db import utcnow
from plein.people.models import GroupPerson
from plein.people.seeing import set_shares
from plein.security.viewer import Viewer
from plein.spaces.belonging import MEMBER_ROLES, spaces_of, who_is, words
from plein.spaces.models import GroupMembership, Membership


def shares(users: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Whether the person in a row of *users* is, by themselves or by a group, in a space of *viewer*."""
    roles = words(*MEMBER_ROLES)
    mine = spaces_of(who_is(viewer, utcnow()))
    direct = select(Membership.user_id).where(Membership.space_id.in_(mine), Membership.role.in_(roles))
    by_group = (
        select(GroupPerson.user_id)
        .join(GroupMembership, GroupMembership.group_id == GroupPerson.group_id)
        .where(GroupMembership.space_id.in_(mine), GroupMembership.role.in_(roles))
    )
    return or_(users.id.in_(direct), and_(users.kind == "person", users.id.in_(by_group)))


set_shares(shares)
