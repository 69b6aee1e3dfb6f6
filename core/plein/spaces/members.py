"""The people of a space, as its managers decide about them: adding, changing a role, taking out.

Groups are in ``group_members``; joining, asking and leaving are in ``joining``. Nothing here commits; rules that say no
raise a SpaceError.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from plein.audit import record
from plein.db import utcnow
from plein.people import finding
from plein.people.finding import find_person
from plein.people.models import Group, GroupPerson, User
from plein.people.standing import is_active
from plein.security.viewer import Viewer
from plein.spaces.belonging import head_count, rank
from plein.spaces.deciding import keeping_a_manager, lock, require
from plein.spaces.errors import Gone, NoSuchPerson, NotAllowed, SpaceError
from plein.spaces.models import ASKED, DECLINED, ROLES, GroupMembership, Membership, Space
from plein.spaces.permissions import MEMBERS
from plein.web.i18n import _

PAGE_SIZE = 50
NEEDS_A_MANAGER = _("A space needs a manager. Make somebody else manager first.")


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a space, as a list shows them.

    :param role: their own in the space, or ``asked``.
    :param since: when they joined, or asked to.
    :param works: whether their account works: who left or is suspended cannot come in.
    :param note: what they said when they asked.
    :param effective: the role that counts, where a group gives more than their own; otherwise the same as *role*.
    :param group: the name of the group that gives it.
    """

    user_id: int
    login: str
    name: str
    kind: str
    role: str
    since: datetime
    works: bool = True
    note: str = ""
    effective: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Part of the list of members. ``after`` continues it, empty at the end."""

    members: list[Member]
    after: str = ""


class Members:
    """The people in *space* in person, for *viewer*.

    :param db: a session that carries the same viewer, which the guard needs.
    """

    def __init__(self, db: Session, viewer: Viewer, space: Space) -> None:
        self.db = db
        self.viewer = viewer
        self.space = space

    # What there is

    def page(self, *, after: str = "", size: int = PAGE_SIZE) -> MemberPage:
        """People who are in the space themselves, managers first, then by name; requests are not among them.

        One statement, and one more where a group gives somebody more than they have themselves.

        :param after: ``MemberPage.after`` of the part before; anything else starts at the beginning.
        """
        place_of, key = rank(Membership.role), func.lower(User.name)
        query = self._people().add_columns(self._rank_by_group(), place_of, key).where(Membership.role.in_(ROLES))
        place = after.split(".", 2)
        if len(place) == 3 and all(part.isascii() and part.isdigit() and len(part) < 19 for part in place[:2]):
            least, number, name = int(place[0]), int(place[1]), place[2]
            later = or_(key > name, (key == name) & (User.id > number))
            query = query.where(or_(place_of > least, (place_of == least) & later))
        rows = self.db.execute(query.order_by(place_of, key, User.id).limit(size + 1)).all()
        last = rows[size - 1] if len(rows) > size else None
        raised = {row.id: ROLES[row[-3]] for row in rows[:size] if row[-3] is not None and row[-3] < row[-2]}
        groups = self.groups_of(*raised) if raised else {}
        members = [
            replace(Member(*row[:8]), effective=raised[row.id], group=groups[row.id][1])
            if row.id in raised
            else replace(Member(*row[:8]), effective=row.role)
            for row in rows[:size]
        ]
        return MemberPage(members, f"{last[-2]}.{last.id}.{last[-1]}" if last else "")

    def managers(self, *, size: int) -> list[Member]:
        """Colleagues who manage the space, in person or by a group, by name."""
        by_group = (
            select(GroupPerson.user_id)
            .join(GroupMembership, GroupMembership.group_id == GroupPerson.group_id)
            .where(GroupMembership.space_id == self.space.id, GroupMembership.role == "manager")
        )
        direct = select(Membership.user_id).where(self._here, Membership.role == "manager")
        rows = self.db.execute(
            select(User.id, User.login, User.name, User.kind)
            .where(or_(User.id.in_(direct), User.id.in_(by_group)), User.kind == "person", is_active(User))
            .order_by(func.lower(User.name), User.id)
            .limit(size)
        )
        return [Member(*row, "manager", self.space.created_at) for row in rows]

    def count(self) -> int:
        """How many people are in the space, in person or by groups, each once; requests are not counted."""
        return self.db.scalar(select(head_count(self.space.id))) or 0

    def role_of(self, user_id: int | None) -> str | None:
        """What a person is in the space themselves as it is now: a role, ``asked``, ``declined`` or ``None``."""
        return self.db.scalar(select(Membership.role).where(self._here, Membership.user_id == user_id))

    def groups_of(self, *user_ids: int) -> dict[int, tuple[str, str]]:
        """The best role that each of these people has by a group, with the name of that group."""
        person = aliased(GroupPerson)
        rows = self.db.execute(
            select(person.user_id, GroupMembership.role, Group.name)
            .select_from(GroupMembership)
            .join(person, person.group_id == GroupMembership.group_id)
            .join(Group, Group.id == GroupMembership.group_id)
            .where(GroupMembership.space_id == self.space.id, person.user_id.in_(user_ids))
            .order_by(rank(GroupMembership.role).desc(), Group.sort_name.desc())
        )
        return {user_id: (role, name) for user_id, role, name in rows}

    # For managers

    def add(self, who: str, role: str = "member") -> Member:
        """Make a person a member, whether or not they asked.

        :param who: what they sign in with, or their whole name where only one person has it.
        :raises NotAllowed: for who may not decide about members.
        :raises NoSuchPerson: where nobody, or more than one person, is meant.
        :raises SpaceError: where they belong to the space already, or may not have the role.
        """
        own = self._decide()
        person = self._find(who)
        self._check_role(role, person.kind, own)
        if self._insert(person.id, role):
            self._record("space.member_added", person.id, role=role)
        elif not self._change(person.id, role, only_from=(ASKED, DECLINED)):
            raise SpaceError(_("${name} is already a member.", mapping={"name": person.name}), "who")
        else:
            self._record("space.member_added", person.id, role=role)
        return Member(person.id, person.login, person.name, person.kind, role, utcnow())

    def set_role(self, user_id: int, role: str) -> Member:
        """Give a member another role.

        :return: the member, with the role from before.
        :raises NotAllowed: for who may not decide about members, or about managers.
        :raises Gone: where the person is no longer a member.
        :raises LastManager: where nobody would be left to manage the space.
        :raises SpaceError: where they may not have the role.
        """
        own = self._decide()
        before = self._member(user_id)
        if before.role not in ROLES:
            raise Gone(_("This person is not a member yet. Answer the request first."))
        self._check_role(role, before.kind, own, before.role)
        if before.role != role:
            with keeping_a_manager(self.db, self.space, NEEDS_A_MANAGER):
                self._change(user_id, role)
            self._record("space.role_changed", user_id, before=before.role, after=role)
        return before

    def remove(self, user_id: int) -> Member:
        """Take somebody out of the space. What they are in it by a group stays.

        :return: the member, with the role that they had.
        :raises NotAllowed: for who may not decide about members, or about managers.
        :raises Gone: where the person is no longer a member.
        :raises LastManager: where nobody would be left to manage the space.
        """
        own = self._decide()
        before = self._member(user_id)
        self._check_role("reader", before.kind, own, before.role)
        with keeping_a_manager(self.db, self.space, NEEDS_A_MANAGER):
            self._delete(user_id)
        self._record("space.member_removed", user_id, role=before.role)
        return before

    # Inside

    def _decide(self) -> str:
        """Lock, and see whether the viewer may decide about members; their role."""
        lock(self.db, self.space)
        return require(self.db, self.viewer, self.space, MEMBERS)

    @property
    def _here(self) -> Any:
        return Membership.space_id == self.space.id

    def _people(self) -> Any:
        return (
            select(User.id, User.login, User.name, User.kind, Membership.role, Membership.created_at)
            .add_columns(is_active(User).label("works"), Membership.note)
            .join(Membership, Membership.user_id == User.id)
            .where(self._here)
        )

    def _rank_by_group(self) -> Any:
        """The best place that a colleague has in the space by groups."""
        return (
            select(func.min(rank(GroupMembership.role)))
            .join(GroupPerson, GroupPerson.group_id == GroupMembership.group_id)
            .where(
                GroupMembership.space_id == self.space.id,
                GroupPerson.user_id == User.id,
                User.kind == "person",
            )
            .correlate(User)
            .scalar_subquery()
        )

    def _member(self, user_id: int) -> Member:
        row = self.db.execute(self._people().where(Membership.user_id == user_id)).one_or_none()
        if row is None:
            raise Gone(_("This person is no longer in the space."))
        return Member(*row)

    def _insert(self, user_id: int, role: str, **values: Any) -> bool:
        """Whether a membership was added: false where one, or a request, is there already."""
        if self.role_of(user_id) is not None:
            return False
        try:
            with self.db.begin_nested():
                self.db.add(Membership(space_id=self.space.id, user_id=user_id, role=role, **values))
        except IntegrityError:
            return False
        return True

    def _change(self, user_id: int, role: str, only_from: tuple[str, ...] = (), **values: Any) -> bool:
        change = update(Membership).where(self._here, Membership.user_id == user_id)
        if only_from:
            # Who asked is a member from now on, and what they said is answered.
            change = change.where(Membership.role.in_(only_from))
            values = {"created_at": utcnow(), "note": "", "expires_at": None} | values
        return bool(self.db.execute(change.values(role=role, **values)).rowcount)  # type: ignore[attr-defined]

    def _delete(self, user_id: int) -> None:
        self.db.execute(delete(Membership).where(self._here, Membership.user_id == user_id))

    def _find(self, who: str) -> Any:
        try:
            return find_person(self.db, self.viewer, who)
        except finding.NoSuchPerson as error:
            raise NoSuchPerson(error.sentence, "who") from error

    def _check_role(self, role: str, kind: str, own: str, before: str = "") -> None:
        if role not in ROLES:
            raise SpaceError(_("Choose a role."), "role")
        if role == "manager" and kind == "guest":
            raise SpaceError(_("A guest cannot manage a space. Choose another role."), "role")
        check_managers(own, role, before)

    def _record(self, event: str, user_id: int, **more: Any) -> None:
        record(self.db, event, "space", self.space.id, user=user_id, **more)


def check_managers(own: str, *roles: str) -> None:
    """Refuse whoever may decide about members and is no manager where it is about managers: nobody raises themselves.

    :raises NotAllowed: so that a permission that was given to editors does not make managers of them.
    """
    if own != "manager" and "manager" in roles:
        raise NotAllowed(_("Only managers decide who manages the space."))
