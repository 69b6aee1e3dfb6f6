"""The rules of belonging to a space: joining, asking, leaving, and what its managers do with the others.

Whatever changes who belongs locks the space's row first, so that two people at once cannot each be the last but one
manager to leave. Nothing here commits; rules that say no raise a SpaceError.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plein.audit import record
from plein.db import utcnow
from plein.people.models import User
from plein.security.viewer import Viewer
from plein.spaces.errors import Gone, LastManager, NoSuchPerson, NotAllowed, SpaceError
from plein.spaces.models import ROLES, Membership, Space
from plein.spaces.services import require_manager
from plein.web.i18n import _

PAGE_SIZE = 50
#: What a request to join is, in the column that otherwise holds a role.
ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a space, as a list shows them. ``since`` is when they joined, or asked to."""

    user_id: int
    login: str
    name: str
    kind: str
    role: str
    since: datetime


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Part of the list of members. ``after`` continues it, empty at the end."""

    members: list[Member]
    after: str = ""


class Members:
    """Who belongs to *space*, for *viewer*.

    :param db: a session that carries the same viewer, which the guard needs.
    """

    def __init__(self, db: Session, viewer: Viewer, space: Space) -> None:
        self.db = db
        self.viewer = viewer
        self.space = space

    # What there is

    def page(self, *, after: str = "", size: int = PAGE_SIZE) -> MemberPage:
        """Members, managers first, then by name; requests are not among them. One statement.

        :param after: ``MemberPage.after`` of the part before; anything else starts at the beginning.
        """
        rank = case({role: place for place, role in enumerate(ROLES)}, value=Membership.role)
        key = func.lower(User.name)
        query = self._people().add_columns(rank, key).where(Membership.role.in_(ROLES))
        place = after.split(".", 2)
        if len(place) == 3 and all(part.isascii() and part.isdigit() and len(part) < 19 for part in place[:2]):
            least, number, name = int(place[0]), int(place[1]), place[2]
            later = or_(key > name, (key == name) & (User.id > number))
            query = query.where(or_(rank > least, (rank == least) & later))
        rows = self.db.execute(query.order_by(rank, key, User.id).limit(size + 1)).all()
        last = rows[size - 1] if len(rows) > size else None
        return MemberPage([Member(*row[:6]) for row in rows[:size]], f"{last[6]}.{last[0]}.{last[7]}" if last else "")

    def requests(self, *, size: int = PAGE_SIZE) -> list[Member]:
        """Who asked to join, longest waiting first."""
        rows = self.db.execute(
            self._people().where(Membership.role == ASKED).order_by(Membership.created_at, User.id).limit(size)
        )
        return [Member(*row) for row in rows]

    def count(self) -> int:
        """How many people belong to the space, requests not counted."""
        return self.db.scalar(select(func.count(Membership.user_id)).where(self._here, Membership.role.in_(ROLES))) or 0

    def count_requests(self) -> int:
        """How many people asked to join and wait for an answer."""
        return self.db.scalar(select(func.count(Membership.user_id)).where(self._here, Membership.role == ASKED)) or 0

    def role_of(self, user_id: int | None) -> str | None:
        """The role of a person as it is now, ``asked`` for a request, ``None`` without either."""
        return self.db.scalar(select(Membership.role).where(self._here, Membership.user_id == user_id))

    # For oneself

    def join(self) -> Literal["joined", "asked", "already"]:
        """Become a member of an open space, or ask the managers of a closed one.

        :return: what happened; ``already`` where the viewer belongs to it or has asked before.
        :raises NotAllowed: for guests and for a hidden space, which people are only added to.
        """
        if self.viewer.user_id is None or self.viewer.kind != "person":
            raise NotAllowed(_("Guests are added to a space by its managers."))
        if self.role_of(self.viewer.user_id) is not None:
            return "already"
        if self.space.access == "hidden":
            raise NotAllowed(_("People are added to this space by its managers."))
        is_open = self.space.access == "open"
        if not self._insert(self.viewer.user_id, "member" if is_open else ASKED):
            return "already"
        outcome: Literal["joined", "asked"] = "joined" if is_open else "asked"
        self._log(f"space.{outcome}", self.viewer.user_id)
        return outcome

    def leave(self) -> str:
        """Stop belonging to the space, or take back a request.

        :return: the role that was given up, ``asked`` for a request.
        :raises Gone: where the viewer does not belong to it.
        :raises LastManager: where nobody would be left to manage it.
        """
        self._lock()
        role = self.role_of(self.viewer.user_id)
        if role is None or self.viewer.user_id is None:
            raise Gone(_("You are not a member of this space."))
        if role == "manager":
            self._keep_a_manager(
                self.viewer.user_id,
                _("You are the only manager. Make somebody else manager first, then you can leave."),
            )
        self._delete(self.viewer.user_id)
        self._log("space.left", self.viewer.user_id)
        return role

    # For managers

    def add(self, who: str, role: str = "member") -> Member:
        """Make a person a member, whether or not they asked.

        :param who: what they sign in with, or their whole name where only one person has it.
        :raises NotAllowed: for everybody but managers.
        :raises NoSuchPerson: where nobody, or more than one person, is meant.
        :raises SpaceError: where they belong to the space already, or may not have the role.
        """
        self._lock()
        require_manager(self.db, self.viewer, self.space)
        person = self._find(who)
        self._check_role(role, person.kind)
        if self._insert(person.id, role):
            self._log("space.member_added", person.id, role=role)
        elif not self._change(person.id, role, only_from=ASKED):
            raise SpaceError(_("${name} is already a member.", mapping={"name": person.name}), "who")
        return Member(person.id, person.login, person.name, person.kind, role, utcnow())

    def approve(self, user_id: int) -> Member:
        """Make who asked a member.

        :raises NotAllowed: for everybody but managers.
        :raises Gone: where the request was taken back or answered already.
        """
        self._lock()
        require_manager(self.db, self.viewer, self.space)
        if not self._change(user_id, "member", only_from=ASKED):
            raise Gone(_("This request is no longer there. It was taken back, or another manager answered it."))
        self._log("space.request_approved", user_id)
        return self._member(user_id)

    def decline(self, user_id: int) -> Member:
        """Refuse a request. The person may ask again.

        :raises NotAllowed: for everybody but managers.
        :raises Gone: where the request was taken back or answered already.
        """
        self._lock()
        require_manager(self.db, self.viewer, self.space)
        member = self._member(user_id)
        if member.role != ASKED:
            raise Gone(_("This request is no longer there. It was taken back, or another manager answered it."))
        self._delete(user_id)
        self._log("space.request_declined", user_id)
        return member

    def set_role(self, user_id: int, role: str) -> Member:
        """Give a member another role.

        :return: the member, with the role from before.
        :raises NotAllowed: for everybody but managers.
        :raises Gone: where the person is no longer a member.
        :raises LastManager: where nobody would be left to manage the space.
        :raises SpaceError: where they may not have the role.
        """
        self._lock()
        require_manager(self.db, self.viewer, self.space)
        before = self._member(user_id)
        if before.role == ASKED:
            raise Gone(_("This person is not a member yet. Answer the request first."))
        self._check_role(role, before.kind)
        if before.role == "manager" and role != "manager":
            self._keep_a_manager(user_id, _("A space needs a manager. Make somebody else manager first."))
        if before.role != role:
            self._change(user_id, role)
            self._log("space.role_changed", user_id, role=role, before=before.role)
        return before

    def remove(self, user_id: int) -> Member:
        """Take somebody out of the space.

        :return: the member, with the role that they had.
        :raises NotAllowed: for everybody but managers.
        :raises Gone: where the person is no longer a member.
        :raises LastManager: where nobody would be left to manage the space.
        """
        self._lock()
        require_manager(self.db, self.viewer, self.space)
        before = self._member(user_id)
        if before.role == "manager":
            self._keep_a_manager(user_id, _("A space needs a manager. Make somebody else manager first."))
        self._delete(user_id)
        self._log("space.member_removed", user_id, role=before.role)
        return before

    # Inside

    @property
    def _here(self) -> Any:
        return Membership.space_id == self.space.id

    def _people(self) -> Any:
        return (
            select(User.id, User.login, User.name, User.kind, Membership.role, Membership.created_at)
            .join(Membership, Membership.user_id == User.id)
            .where(self._here)
        )

    def _member(self, user_id: int) -> Member:
        row = self.db.execute(self._people().where(Membership.user_id == user_id)).one_or_none()
        if row is None:
            raise Gone(_("This person is no longer in the space."))
        return Member(*row)

    def _lock(self) -> None:
        # SQLite took its one write lock when the transaction began, and ignores this.
        self.db.execute(select(Space.id).where(Space.id == self.space.id).with_for_update(of=Space))

    def _keep_a_manager(self, leaving: int, sentence: Any) -> None:
        """Refuse where no other manager who can still sign in is left."""
        others = (
            select(User.id)
            .join(Membership, Membership.user_id == User.id)
            .where(self._here, Membership.role == "manager", User.id != leaving, User.state == "active")
        )
        if self.db.scalar(others.limit(1)) is None:
            raise LastManager(sentence)

    def _insert(self, user_id: int, role: str) -> bool:
        """Whether a membership was added: false where one, or a request, is there already."""
        if self.role_of(user_id) is not None:
            return False
        try:
            with self.db.begin_nested():
                self.db.add(Membership(space_id=self.space.id, user_id=user_id, role=role))
        except IntegrityError:
            return False
        return True

    def _change(self, user_id: int, role: str, only_from: str | None = None) -> bool:
        change = update(Membership).where(self._here, Membership.user_id == user_id)
        if only_from is not None:
            change = change.where(Membership.role == only_from)
        values: dict[str, Any] = {"role": role}
        if only_from == ASKED:
            values["created_at"] = utcnow()
        return bool(self.db.execute(change.values(values)).rowcount)  # type: ignore[attr-defined]

    def _delete(self, user_id: int) -> None:
        self.db.execute(delete(Membership).where(self._here, Membership.user_id == user_id))

    def _find(self, who: str) -> Any:
        who = " ".join(who.split())
        if not who:
            raise NoSuchPerson(_("Say who you want to add."), "who")
        named = select(User.id, User.login, User.name, User.kind).where(User.state == "active")
        found = self.db.execute(named.where(User.login == who.casefold())).first()
        if found is not None:
            return found
        people = self.db.execute(named.where(func.lower(User.name) == func.lower(who)).limit(2)).all()
        if not people:
            raise NoSuchPerson(
                _("There is nobody here called ${who}. Look for the name under People.", mapping={"who": who}), "who"
            )
        if len(people) > 1:
            raise NoSuchPerson(
                _("More than one person is called ${who}. Use what they sign in with.", mapping={"who": who}), "who"
            )
        return people[0]

    def _check_role(self, role: str, kind: str) -> None:
        if role not in ROLES:
            raise SpaceError(_("Choose a role."), "role")
        if role == "manager" and kind == "guest":
            raise SpaceError(_("A guest cannot manage a space. Choose another role."), "role")

    def _log(self, event: str, user_id: int, **more: Any) -> None:
        record(self.db, event, "space", self.space.id, user=user_id, **more)
