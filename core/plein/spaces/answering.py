"""Answering an invitation: whoever is invited sees the name and the purpose of the space here, and nothing else of it.

They do not belong to it yet, so the guard would hide a hidden space from them: what is read here goes around it, by
the invitation alone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, aliased

from plein.audit import ORIGIN, record
from plein.db import db_unguarded, utcnow
from plein.people.models import User
from plein.people.sessions import hash_token
from plein.people.standing import may_enter, today
from plein.spaces.belonging import RANKS
from plein.spaces.errors import Gone
from plein.spaces.invitations import answered
from plein.spaces.models import Membership, Space, SpaceInvitation
from plein.web.i18n import _


@dataclass(frozen=True, slots=True)
class Shown:
    """An invitation, as its page shows it.

    :param is_new: the person never signed in; then the link of the mail is what they come in by.
    """

    space: str
    slug: str
    purpose: str
    access: str
    role: str
    note: str
    inviter: str | None
    until: datetime
    user_id: int
    name: str
    is_new: bool


def by_uid(uid: str, user_id: int | None) -> tuple[Any, ...]:
    """The invitation *uid*, where it is for the person *user_id*."""
    return SpaceInvitation.uid == uid, SpaceInvitation.user_id == user_id


def by_token(token: str) -> tuple[Any, ...]:
    """The invitation whose mail has the link with *token*."""
    return (SpaceInvitation.token_hash == hash_token(token),)


def show(engine: Engine, which: tuple[Any, ...]) -> Shown | None:
    """The invitation, ``None`` where it cannot be accepted any more."""
    with db_unguarded(engine, reason="whoever is invited sees what a space is called and for") as db:
        found = _find(db, which)
        if found is None:
            return None
        return _shown(*found)


def answer(engine: Engine, which: tuple[Any, ...], accepts: bool, origin: str) -> Shown:
    """Accept or decline, in a transaction of its own.

    :raises Gone: where the invitation cannot be answered any more.
    """
    with db_unguarded(engine, reason="whoever is invited comes into the space", writes=True) as db:
        db.info[ORIGIN] = origin
        found = _find(db, which)
        if found is None:
            raise Gone(_("This invitation is no longer open. It was answered or taken back."))
        invitation, space, user, _inviter = found
        shown = _shown(*found)
        answered(db, invitation, "accepted" if accepts else "declined")
        if accepts:
            _let_in(db, space, user, invitation.role)
        action = "space.invitation_accepted" if accepts else "space.invitation_declined"
        record(db, action, "space", space.id, actor_id=user.id, role=invitation.role)
        return shown


def _shown(invitation: SpaceInvitation, space: Space, user: User, inviter: User) -> Shown:
    return Shown(
        space=space.name,
        slug=space.slug,
        purpose=space.purpose,
        access=space.access,
        role=invitation.role,
        note=invitation.note,
        inviter=inviter.name,
        until=invitation.expires_at,
        user_id=user.id,
        name=user.name,
        is_new=user.state == "invited",
    )


def _find(db: Session, which: tuple[Any, ...]) -> Any:
    """Invitation, space, who is invited and who invites; all of them as they are at this moment."""
    inviter = aliased(User)
    row = db.execute(
        select(SpaceInvitation, Space, User, inviter)
        .join(Space, Space.id == SpaceInvitation.space_id)
        .join(User, User.id == SpaceInvitation.user_id)
        .join(inviter, inviter.id == SpaceInvitation.inviter_id)
        .where(
            *which,
            SpaceInvitation.state == "open",
            SpaceInvitation.expires_at > utcnow(),
            Space.archived_at.is_(None),
            # Whoever left takes their word with them.
            inviter.state == "active",
        )
    ).one_or_none()
    return row if row is not None and may_enter(row[2], today()) else None


def _let_in(db: Session, space: Space, user: User, role: str) -> None:
    membership = db.get(Membership, (space.id, user.id))
    if membership is None:
        db.add(Membership(space_id=space.id, user_id=user.id, role=role))
    elif RANKS.get(membership.role, len(RANKS)) > RANKS[role]:
        membership.role, membership.note, membership.expires_at = role, "", None
    db.flush()
