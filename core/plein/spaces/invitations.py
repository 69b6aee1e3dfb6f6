"""Invitations into a space: made by its managers, answered by whoever is invited.

A colleague, or a guest who has an account, finds the invitation signed in. An address of somebody without an account
makes a guest who is invited, with whoever invites as the sponsor and with an end; that guest comes in by a link in a
mail, whose token is stored as a hash only and used once. Opening the link changes nothing.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from plein.audit import record
from plein.db import utcnow
from plein.mail import AddressError
from plein.mail.message import checked_address
from plein.people.finding import NoSuchPerson as NobodyFound
from plein.people.finding import find_person
from plein.people.models import User
from plein.people.services import LOGIN, LoginTakenError, PeopleService
from plein.people.sessions import hash_token, new_token
from plein.people.standing import today
from plein.security.viewer import Viewer
from plein.spaces.deciding import lock, require, require_living
from plein.spaces.errors import Gone, NoSuchPerson, SpaceError
from plein.spaces.members import check_managers
from plein.spaces.models import ROLES, Membership, Space, SpaceInvitation
from plein.spaces.permissions import MEMBERS
from plein.web.i18n import _

MAX_NOTE = 500
LISTED = 100


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings say: days that an invitation and a guest's account last, and whether guests may be invited."""

    days: int = 14
    guest_days: int = 90
    guests: bool = True


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made just now. ``token`` is what stands behind the link in the mail of a new guest."""

    invitation: SpaceInvitation
    user: User
    token: str | None


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation without an answer, as the list shows it."""

    id: int
    name: str
    email: str
    is_guest: bool
    role: str
    inviter: str | None
    since: datetime
    until: datetime
    is_expired: bool


class Invitations:
    """The invitations into *space*, for *viewer*, who decides about its members."""

    def __init__(self, db: Session, viewer: Viewer, space: Space, terms: Terms) -> None:
        self.db = db
        self.viewer = viewer
        self.space = space
        self.terms = terms

    def waiting(self) -> list[InvitationRow]:
        """Invitations without an answer, newest first; those that expired too, to be sent again or taken back."""
        inviter = aliased(User)
        now = utcnow()
        rows = self.db.execute(
            select(SpaceInvitation, User.name, User.email, User.kind, inviter.name)
            .join(User, User.id == SpaceInvitation.user_id)
            .outerjoin(inviter, inviter.id == SpaceInvitation.inviter_id)
            .where(SpaceInvitation.space_id == self.space.id, SpaceInvitation.state == "open")
            .order_by(SpaceInvitation.id.desc())
            .limit(LISTED)
        )
        return [
            InvitationRow(
                one.id,
                name,
                email,
                kind == "guest",
                one.role,
                by,
                one.created_at,
                one.expires_at,
                one.expires_at <= now,
            )
            for one, name, email, kind, by in rows
        ]

    def invite(self, who: str, role: str = "member", note: str = "") -> Invited:
        """Invite a colleague, a guest, or somebody without an account by their e-mail address.

        :param who: what somebody signs in with, a whole name, or an e-mail address.
        :raises NotAllowed: for who may not decide about members.
        :raises Archived: where the space is only read.
        :raises NoSuchPerson: where nobody is meant, or guests may not be invited.
        :raises SpaceError: where they belong to the space, are invited already, or may not have the role.
        """
        lock(self.db, self.space)
        own = require(self.db, self.viewer, self.space, MEMBERS)
        require_living(self.space)
        user = self._whom(" ".join(who.split()))
        if role not in ROLES or (role == "manager" and user.kind == "guest"):
            raise SpaceError(_("A guest cannot manage a space. Choose another role."), "role")
        check_managers(own, role)
        self._refuse_known(user)
        token = new_token() if user.state == "invited" else None
        invitation = SpaceInvitation(
            uid=str(uuid4()),
            space_id=self.space.id,
            user_id=user.id,
            inviter_id=self.viewer.user_id,
            role=role,
            note=note.strip()[:MAX_NOTE],
            token_hash=hash_token(token) if token else None,
            expires_at=self._until(),
        )
        self.db.add(invitation)
        self.db.flush()
        record(self.db, "space.invited", "space", self.space.id, user=user.id, role=role)
        return Invited(invitation, user, token)

    def revoke(self, invitation_id: int) -> None:
        """Take an invitation back: it cannot be accepted any more.

        :raises NotAllowed: for who may not decide about members.
        :raises Gone: where it has an answer already.
        """
        invitation = self._one(invitation_id)
        invitation.state, invitation.answered_at = "revoked", utcnow()
        self.db.flush()
        record(self.db, "space.invitation_revoked", "space", self.space.id, user=invitation.user_id)

    def renew(self, invitation_id: int) -> Invited:
        """Let an invitation last anew, with a new link; the one before stops working.

        :raises NotAllowed: for who may not decide about members.
        :raises Gone: where it has an answer already.
        :raises Archived: where the space is only read.
        """
        invitation = self._one(invitation_id)
        require_living(self.space)
        user = self.db.get_one(User, invitation.user_id)
        token = new_token() if user.state == "invited" else None
        invitation.token_hash = hash_token(token) if token else None
        invitation.expires_at = self._until()
        self.db.flush()
        record(self.db, "space.invitation_renewed", "space", self.space.id, user=user.id)
        return Invited(invitation, user, token)

    def _until(self) -> datetime:
        return utcnow() + timedelta(days=self.terms.days)

    def _one(self, invitation_id: int) -> SpaceInvitation:
        lock(self.db, self.space)
        own = require(self.db, self.viewer, self.space, MEMBERS)
        found = self.db.scalar(
            select(SpaceInvitation).where(
                SpaceInvitation.id == invitation_id,
                SpaceInvitation.space_id == self.space.id,
                SpaceInvitation.state == "open",
            )
        )
        if found is None:
            raise Gone(_("This invitation is no longer open. It was answered or taken back."))
        check_managers(own, found.role)
        return found

    def _refuse_known(self, user: User) -> None:
        here = Membership.space_id == self.space.id, Membership.user_id == user.id
        if self.db.scalar(select(Membership.role).where(*here)) in ROLES:
            raise SpaceError(_("${name} is already a member.", mapping={"name": user.name}), "who")
        open_one = select(SpaceInvitation.id).where(
            SpaceInvitation.space_id == self.space.id,
            SpaceInvitation.user_id == user.id,
            SpaceInvitation.state == "open",
        )
        if self.db.scalar(open_one.limit(1)) is not None:
            raise SpaceError(
                _("${name} is invited already. You can send that invitation again.", mapping={"name": user.name}), "who"
            )

    def _whom(self, who: str) -> User:
        try:
            return self.db.get_one(User, find_person(self.db, self.viewer, who).id)
        except NobodyFound as error:
            if "@" not in who:
                raise NoSuchPerson(error.sentence, "who") from error
        with_address = select(User).where(func.lower(User.email) == who.lower(), User.state.in_(("active", "invited")))
        known = self.db.scalars(with_address.limit(2)).all()
        if len(known) > 1:
            raise NoSuchPerson(
                _("More than one person is called ${who}. Use what they sign in with.", mapping={"who": who}), "who"
            )
        return known[0] if known else self._new_guest(who)

    def _new_guest(self, email: str) -> User:
        if not self.terms.guests:
            raise NoSuchPerson(
                _("Nobody here has this address, and guests cannot be invited here. Ask your administrator."), "who"
            )
        try:
            email = checked_address(email)
        except AddressError as error:
            raise NoSuchPerson(_("This is no e-mail address."), "who") from error
        people = PeopleService(self.db)
        login = email.casefold() if LOGIN.fullmatch(email.casefold()) else f"guest-{secrets.token_hex(4)}"
        try:
            user = people.create(login=login, name=email.partition("@")[0], email=email, kind="guest")
        except LoginTakenError as error:
            raise NoSuchPerson(
                _("This address belongs to an account that has ended. Ask your administrator."), "who"
            ) from error
        user.state, user.sponsor_id = "invited", self.viewer.user_id
        user.ends_on = today() + timedelta(days=self.terms.guest_days)
        self.db.flush()
        record(self.db, "account.created", "user", user.id, kind="guest", sponsor=self.viewer.user_id)
        return user


def waiting_for(db: Session, viewer: Viewer) -> list[Any]:
    """The invitations that *viewer* has not answered: uid and who invites. What space it is, its own page says."""
    inviter = aliased(User)
    return list(
        db.execute(
            select(SpaceInvitation.uid, inviter.name.label("inviter"))
            .outerjoin(inviter, inviter.id == SpaceInvitation.inviter_id)
            .where(
                SpaceInvitation.user_id == viewer.user_id,
                SpaceInvitation.state == "open",
                SpaceInvitation.expires_at > utcnow(),
            )
            .order_by(SpaceInvitation.id)
            .limit(10)
        )
    )


def answered(db: Session, invitation: SpaceInvitation, state: str) -> None:
    """Note the answer, once.

    :raises Gone: where somebody was first: it was answered, taken back, or pressed twice.
    """
    changed = db.execute(
        update(SpaceInvitation)
        .where(SpaceInvitation.id == invitation.id, SpaceInvitation.state == "open")
        .values(state=state, answered_at=utcnow(), token_hash=None)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Gone(_("This invitation is no longer open. It was answered or taken back."))
