"""Joining an open space, asking to come into a closed one, and leaving; and what managers answer to who asked.

A request waits for some days and then counts as not made. A declined one stays, so that whoever asked sees the answer,
and may be made again.
"""

from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.people.models import User
from plein.security.viewer import Viewer
from plein.spaces.belonging import spaces_of, who_is
from plein.spaces.deciding import keeping_a_manager, lock, require, require_living, role_now
from plein.spaces.errors import Gone, NotAllowed, SpaceError
from plein.spaces.members import PAGE_SIZE, Member, Members
from plein.spaces.models import ASKED, DECLINED, ROLES, Membership, Space
from plein.spaces.permissions import MEMBERS
from plein.web.i18n import _

#: How long a request waits for an answer, in days, where no setting says otherwise.
REQUEST_DAYS = 30
MAX_NOTE = 500


def is_waiting(membership: Membership | None) -> bool:
    """Whether it is a request that waits for an answer."""
    return membership is not None and membership.role == ASKED and not is_expired(membership)


def is_expired(membership: Membership | None) -> bool:
    """Whether it is a request that nobody answered in time."""
    if membership is None or membership.role != ASKED or membership.expires_at is None:
        return False
    return membership.expires_at <= utcnow()


class Joining(Members):
    """Who comes into *space* and goes out of it."""

    # For oneself

    def join(self, note: str = "", days: int = REQUEST_DAYS) -> Literal["joined", "asked", "already"]:
        """Become a member of an open space, or ask the managers of a closed one.

        :param note: what to say to the managers.
        :param days: how long a request waits.
        :return: what happened; ``already`` where the viewer belongs to it, in person or by a group, or has asked.
        :raises NotAllowed: for guests and for a hidden space, which people are only added or invited to.
        :raises Archived: where the space is only read.
        """
        user_id = self.viewer.user_id
        if user_id is None or self.viewer.kind != "person":
            raise NotAllowed(_("Guests are added to a space by its managers."))
        own = self.db.execute(select(Membership).where(self._here, Membership.user_id == user_id)).scalar_one_or_none()
        if is_waiting(own) or role_now(self.db, self.viewer, self.space) in ROLES:
            return "already"
        if self.space.access == "hidden":
            raise NotAllowed(_("People are added to this space by its managers."))
        require_living(self.space)
        is_open = self.space.access == "open"
        role = "member" if is_open else ASKED
        values: dict[str, Any] = {}
        if not is_open:
            values = {"note": note.strip()[:MAX_NOTE], "expires_at": utcnow() + timedelta(days=days)}
        if not self._insert(user_id, role, **values) and not self._change(
            user_id, role, only_from=(ASKED, DECLINED), **values
        ):
            return "already"
        outcome: Literal["joined", "asked"] = "joined" if is_open else "asked"
        self._record(f"space.{outcome}", user_id)
        return outcome

    def leave(self) -> str:
        """Stop belonging to the space, or take back a request.

        :return: the role that was given up, ``asked`` or ``declined`` for a request.
        :raises Gone: where the viewer does not belong to it.
        :raises SpaceError: where a group keeps them in it.
        :raises LastManager: where nobody would be left to manage it.
        """
        lock(self.db, self.space)
        user_id = self.viewer.user_id
        role = self.role_of(user_id)
        if user_id is None:
            raise Gone(_("You are not a member of this space."))
        if role is None:
            self._tell_group(user_id)
            raise Gone(_("You are not a member of this space."))
        if role in ROLES:
            sentence = _("You are the only manager. Make somebody else manager first, then you can leave.")
            with keeping_a_manager(self.db, self.space, sentence) if role == "manager" else self.db.begin_nested():
                self._delete(user_id)
        else:
            self._delete(user_id)
        self._record("space.left", user_id, role=role)
        return role

    def group_that_keeps(self, user_id: int | None) -> str:
        """The name of a group that *user_id* is in the space by; empty where there is none."""
        if user_id is None or self.viewer.kind != "person":
            return ""
        return self.groups_of(user_id).get(user_id, ("", ""))[1]

    # For managers

    def requests(self, *, size: int = PAGE_SIZE) -> list[Member]:
        """Who asked to join and waits for an answer, longest waiting first."""
        rows = self.db.execute(
            self._people().where(*self._waiting()).order_by(Membership.created_at, User.id).limit(size)
        )
        return [Member(*row) for row in rows]

    def count_requests(self) -> int:
        """How many people asked to join and wait for an answer."""
        return self.db.scalar(select(func.count(Membership.user_id)).where(self._here, *self._waiting())) or 0

    def approve(self, user_id: int) -> Member:
        """Make who asked a member.

        :raises NotAllowed: for who may not decide about members.
        :raises Gone: where the request was taken back, expired or was answered already.
        """
        self._request(user_id)
        self._change(user_id, "member", only_from=(ASKED,))
        self._record("space.request_approved", user_id)
        return self._member(user_id)

    def decline(self, user_id: int) -> Member:
        """Refuse a request. The person sees it, and may ask again.

        :raises NotAllowed: for who may not decide about members.
        :raises Gone: where the request was taken back, expired or was answered already.
        """
        member = self._request(user_id)
        self._change(user_id, DECLINED, only_from=(ASKED,))
        self._record("space.request_declined", user_id)
        return member

    # Inside

    def _waiting(self) -> tuple[Any, ...]:
        return Membership.role == ASKED, or_(Membership.expires_at.is_(None), Membership.expires_at > utcnow())

    def _request(self, user_id: int) -> Member:
        lock(self.db, self.space)
        require(self.db, self.viewer, self.space, MEMBERS)
        row = self.db.execute(self._people().where(Membership.user_id == user_id, *self._waiting())).one_or_none()
        if row is None:
            raise Gone(_("This request is no longer there. It was taken back, or another manager answered it."))
        return Member(*row)

    def _tell_group(self, user_id: int) -> None:
        group = self.group_that_keeps(user_id)
        if group:
            raise SpaceError(
                _(
                    "You are in this space by the group ${group}. You leave it when you are no longer in the group, or "
                    "when a manager of the space takes the group out.",
                    mapping={"group": group},
                )
            )


def asked_of(db: Session, viewer: Viewer) -> list[Any]:
    """The spaces that *viewer* manages in which people wait for an answer: slug, name and how many. One statement."""
    waiting = func.count(Membership.user_id)
    return list(
        db.execute(
            select(Space.slug, Space.name, waiting.label("waiting"))
            .join(Membership, Membership.space_id == Space.id)
            .where(
                Space.id.in_(spaces_of(who_is(viewer, utcnow()), ("manager",))),
                Membership.role == ASKED,
                or_(Membership.expires_at.is_(None), Membership.expires_at > utcnow()),
            )
            .group_by(Space.id, Space.slug, Space.name)
            .order_by(Space.name)
            .limit(10)
        )
    )
