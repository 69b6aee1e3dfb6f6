"""The states of an account: suspended for now, left for good, back again; and guests, who are here until a day.

What somebody wrote stays in every state. Who is not active is out at once: :func:`end_everything` ends every way in
that there is, and the guard asks for the state on each request besides.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.audit import record
from plein.db import utcnow
from plein.people.finding import NoSuchPerson, find_person
from plein.people.models import SignInLink, SignInSession, User
from plein.people.offices import another_administrator
from plein.people.second_factor.models import PasskeyChallenge, PendingSignIn
from plein.security.viewer import Viewer
from plein.web.i18n import _

#: How much longer a guest may stay for one press of a button.
EXTENSION = timedelta(days=90)
#: What the login of somebody begins with who was erased; an account in the state ``left``.
ERASED = "oud-collega-"


class LifecycleError(ValueError):
    """A rule that says no; ``field`` is the field that it is about."""

    def __init__(self, sentence: TranslationString, field: str = "") -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.field = field


class LastAdministratorError(ValueError):
    """Without this person nobody could administer the site."""


class FrozenError(ValueError):
    """The data of this account may not be used: it stays as it is until it is frozen no longer."""


class ErasedError(ValueError):
    """The person was erased: there is nobody for whom the account could work again."""


def end_everything(db: Session, user_id: int) -> None:
    """End every way in that somebody has: sessions on all devices, links, and sign-ins that are halfway."""
    for table in (SignInSession, SignInLink, PendingSignIn, PasskeyChallenge):
        db.execute(delete(table).where(table.user_id == user_id), execution_options={"synchronize_session": False})


def suspend(db: Session, user: User, reason: str = "") -> None:
    """Nobody signs in with this account for now.

    :param reason: in an administrator's words; kept with the account, not in the audit log.
    :raises FrozenError: where the account is frozen, which is more.
    :raises LastAdministratorError: when nobody would be left to administer.
    """
    stop(db, user, "suspended", reason)
    record(db, "account.suspended", "user", user.id, with_reason=bool(reason.strip()))


def leave(db: Session, user: User, reason: str = "") -> None:
    """The person works here no more. What they own waits to be handed over.

    :raises FrozenError: where the account is frozen, which is more.
    :raises LastAdministratorError: when nobody would be left to administer.
    """
    stop(db, user, "left", reason)
    user.left_at = utcnow()
    db.flush()
    record(db, "account.left", "user", user.id, with_reason=bool(reason.strip()))


def restore(db: Session, user: User) -> None:
    """The account works again; its person signs in anew. A guest whose last day was before needs another day first.

    :raises FrozenError: where somebody has to decide about its data first.
    :raises ErasedError: where nothing of the person is left.
    """
    if user.state == "left" and user.login.startswith(ERASED):
        raise ErasedError(f"{user.login} was erased; make a new account instead")
    if user.state == "frozen":
        raise FrozenError(user.login)
    user.state, user.state_reason, user.left_at = "active", "", None
    db.flush()
    record(db, "account.restored", "user", user.id)


def stop(db: Session, user: User, state: str, reason: str) -> None:
    """The account does not work from the next request on: what suspending, leaving and freezing have in common.

    :raises FrozenError: where it is frozen already.
    :raises LastAdministratorError: when nobody would be left to administer.
    """
    if user.state == "frozen":
        raise FrozenError(user.login)
    if user.is_admin:
        must_keep_an_administrator(db, user)
    user.state, user.state_reason = state, " ".join(reason.split())[:500]
    end_everything(db, user.id)
    db.flush()


def must_keep_an_administrator(db: Session, user: User) -> None:
    """:raises LastAdministratorError: when no other administrator's account works."""
    if not another_administrator(db, user.id):
        raise LastAdministratorError(user.login)


def set_stay(
    db: Session, viewer: Viewer, user: User, *, ends_on: date | None, sponsor: str, day: date, most: int
) -> None:
    """Say until when an account works, and for a guest who answers for them.

    :param sponsor: what a colleague is called or signs in with.
    :param day: today, where the site is.
    :param most: the most days that a guest may stay before somebody looks again.
    :raises LifecycleError: for a guest without a day or a sponsor, or with a day too far away.
    """
    if user.kind != "guest":
        user.ends_on, user.sponsor_id = ends_on, None
        db.flush()
        return
    if ends_on is None:
        raise LifecycleError(_("A guest always has a last day. Give one."), "ends_on")
    if ends_on > day + timedelta(days=most):
        raise LifecycleError(
            _("That is too far away: at most ${days} days from now.", mapping={"days": most}), "ends_on"
        )
    if not sponsor.strip():
        raise LifecycleError(_("A guest always has a colleague who answers for them. Name one."), "sponsor")
    try:
        found: Any = find_person(db, viewer, sponsor)
    except NoSuchPerson as error:
        raise LifecycleError(error.sentence, "sponsor") from error
    if found.kind != "person" or found.id == user.id:
        raise LifecycleError(_("Only a colleague can answer for a guest."), "sponsor")
    user.ends_on, user.sponsor_id = ends_on, found.id
    db.flush()


def extend(db: Session, user: User, *, day: date, most: int) -> date:
    """Let a guest stay longer, by :data:`EXTENSION` from the last day or from today, as far as the site allows.

    :raises LifecycleError: for who is no guest, or was suspended or left.
    """
    if user.kind != "guest" or user.state not in ("active", "invited"):
        raise LifecycleError(_("Only a guest whose account is in use can stay longer."))
    begin = max(user.ends_on or day, day)
    before, user.ends_on = user.ends_on, min(begin + EXTENSION, day + timedelta(days=most))
    db.flush()
    record(db, "account.extended", "user", user.id, before=str(before), after=str(user.ends_on))
    return user.ends_on
