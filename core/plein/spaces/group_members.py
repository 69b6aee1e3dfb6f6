"""Groups in a space: each colleague in the group has the role, from the moment that they come into the group.

Their people are counted, not listed: who is in a group is the group's own page. Guests get nothing by a group.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plein.audit import record
from plein.people.models import Group, GroupPerson, User
from plein.people.standing import is_active
from plein.security.viewer import Viewer
from plein.spaces.belonging import rank
from plein.spaces.deciding import keeping_a_manager, lock, require
from plein.spaces.errors import Gone, NoSuchPerson, SpaceError
from plein.spaces.members import NEEDS_A_MANAGER, check_managers
from plein.spaces.models import ROLES, GroupMembership, Space
from plein.spaces.permissions import MEMBERS
from plein.web.i18n import _

#: How a group is named where people are named too.
PREFIX = "group:"
#: More than this are not listed; no space needs them.
LISTED = 200


@dataclass(frozen=True, slots=True)
class GroupInSpace:
    """A group in a space.

    :param people: how many colleagues are in it, with the groups inside it.
    """

    id: int
    slug: str
    name: str
    role: str
    people: int


class GroupMembers:
    """The groups in *space*, for *viewer*."""

    def __init__(self, db: Session, viewer: Viewer, space: Space) -> None:
        self.db = db
        self.viewer = viewer
        self.space = space

    def all(self) -> list[GroupInSpace]:
        """The groups, those with most rights first, in one statement."""
        people = (
            select(func.count(User.id))
            .join(GroupPerson, GroupPerson.user_id == User.id)
            .where(GroupPerson.group_id == Group.id, User.kind == "person", is_active(User))
            .correlate(Group)
            .scalar_subquery()
        )
        rows = self.db.execute(
            select(Group.id, Group.slug, Group.name, GroupMembership.role, people)
            .join(GroupMembership, GroupMembership.group_id == Group.id)
            .where(GroupMembership.space_id == self.space.id)
            .order_by(rank(GroupMembership.role), Group.sort_name)
            .limit(LISTED)
        )
        return [GroupInSpace(*row) for row in rows]

    def add(self, name: str, role: str = "member") -> GroupInSpace:
        """Let a group in.

        :param name: its short name, with or without ``group:`` before it, or its whole name.
        :raises NotAllowed: for who may not decide about members.
        :raises NoSuchPerson: where there is no such group.
        :raises SpaceError: where it is in the space already.
        """
        own = self._decide()
        self._check(role, own)
        group = self._find(name)
        try:
            with self.db.begin_nested():
                self.db.add(GroupMembership(space_id=self.space.id, group_id=group.id, role=role))
        except IntegrityError:
            raise SpaceError(
                _("The group ${name} is already in this space.", mapping={"name": group.name}), "who"
            ) from None
        self._record("space.group_added", group.id, role=role)
        return self._one(group.id)

    def set_role(self, group_id: int, role: str) -> GroupInSpace:
        """Give a group another role.

        :return: the group, with the role from before.
        :raises NotAllowed: for who may not decide about members, or about managers.
        :raises Gone: where the group is no longer in the space.
        :raises LastManager: where nobody would be left to manage the space.
        """
        own = self._decide()
        before = self._one(group_id)
        self._check(role, own, before.role)
        if before.role != role:
            with keeping_a_manager(self.db, self.space, NEEDS_A_MANAGER):
                self.db.execute(update(GroupMembership).where(*self._is(group_id)).values(role=role))
            self._record(
                "space.group_role_changed",
                group_id,
                before=before.role,
                after=role,
            )
        return before

    def remove(self, group_id: int) -> GroupInSpace:
        """Take a group out of the space. Those of its people who are in it themselves stay.

        :return: the group, with the role that it had.
        :raises NotAllowed: for who may not decide about members, or about managers.
        :raises Gone: where the group is no longer in the space.
        :raises LastManager: where nobody would be left to manage the space.
        """
        own = self._decide()
        before = self._one(group_id)
        self._check("reader", own, before.role)
        with keeping_a_manager(self.db, self.space, NEEDS_A_MANAGER):
            self.db.execute(delete(GroupMembership).where(*self._is(group_id)))
        self._record("space.group_removed", group_id, role=before.role)
        return before

    def _decide(self) -> str:
        lock(self.db, self.space)
        return require(self.db, self.viewer, self.space, MEMBERS)

    def _check(self, role: str, own: str, before: str = "") -> None:
        if role not in ROLES:
            raise SpaceError(_("Choose a role."), "role")
        check_managers(own, role, before)

    def _record(self, event: str, group_id: int, **more: Any) -> None:
        record(self.db, event, "space", self.space.id, group=group_id, **more)

    def _is(self, group_id: int) -> tuple[Any, ...]:
        return GroupMembership.space_id == self.space.id, GroupMembership.group_id == group_id

    def _one(self, group_id: int) -> GroupInSpace:
        found = next((group for group in self.all() if group.id == group_id), None)
        if found is None:
            raise Gone(_("This group is no longer in the space."))
        return found

    def _find(self, name: str) -> Any:
        name = " ".join(name.removeprefix(PREFIX).split())
        group = select(Group.id, Group.name)
        found = self.db.execute(group.where(Group.slug == name.lower())).first()
        if found is not None:
            return found
        groups = self.db.execute(group.where(func.lower(Group.name) == func.lower(name)).limit(2)).all()
        if len(groups) != 1:
            raise NoSuchPerson(_("There is no group called ${who}.", mapping={"who": name}), "who")
        return groups[0]
