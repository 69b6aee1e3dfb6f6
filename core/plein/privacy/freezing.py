"""Freezing an account: its data are kept, and neither used nor shown in lists, until somebody decides."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.people.lifecycle import stop
from plein.people.models import User
from plein.privacy.models import Restriction

FROZEN = "frozen"


def freeze(db: Session, user: User, *, reason: str, by_id: int | None) -> None:
    """Nobody signs in with the account, and nobody finds it; it is not changed either.

    :raises LastAdministratorError: when nobody would be left to administer.
    """
    if user.state == FROZEN:
        return
    before = user.state
    stop(db, user, FROZEN, user.state_reason)
    db.add(Restriction(user_id=user.id, reason=reason, state_before=before, by_id=by_id))
    db.flush()


def thaw(db: Session, user: User) -> None:
    """The account is what it was before it was frozen."""
    found = db.scalar(select(Restriction).where(Restriction.user_id == user.id))
    if found is not None:
        db.delete(found)
    if user.state == FROZEN:
        user.state = found.state_before if found is not None else "suspended"
    db.flush()
