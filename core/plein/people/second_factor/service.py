"""All second factors of a person together: what there is, whether a code is right, and taking everything away."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from plein.audit import record
from plein.people.models import SignInSession, User
from plein.people.second_factor.codes import AppCodes
from plein.people.second_factor.models import Passkey, PasskeyChallenge, PendingSignIn, RecoveryCode, Totp
from plein.people.second_factor.recovery import RecoveryCodes
from plein.people.sessions import SessionService


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has.

    :param app: since when there is an app with codes.
    :param recovery: how many recovery codes are left.
    """

    app: datetime | None
    passkeys: int
    recovery: int

    @property
    def any(self) -> bool:
        """Recovery codes alone are no second factor: they stand in for one."""
        return self.app is not None or self.passkeys > 0


class FactorService:
    """The second factors of one person. Never commits.

    :param secret: ``plein.secret``.
    """

    def __init__(self, db: Session, secret: str, user_id: int) -> None:
        self.db = db
        self.user_id = user_id
        self.app = AppCodes(db, secret)
        self.recovery = RecoveryCodes(db, user_id)

    def have(self) -> Factors:
        app = self.db.scalar(select(Totp.created_at).where(Totp.user_id == self.user_id))
        passkeys = self.db.scalars(select(Passkey.id).where(Passkey.user_id == self.user_id)).all()
        return Factors(app, len(passkeys), self.recovery.left())

    def use_code(self, code: str) -> str | None:
        """What *code* is, used up by asking: ``app``, ``recovery`` or nothing that is right."""
        if self.app.use(self.user_id, code):
            return "app"
        return "recovery" if self.recovery.use(code) else None

    def after_removal(self) -> None:
        """Without any factor left, recovery codes open nothing, and sessions are no stronger than a password."""
        if has_factor(self.db, self.user_id):
            return
        self.recovery.remove()
        self.db.execute(update(SignInSession).where(SignInSession.user_id == self.user_id).values(strong=False))

    def reset(self, *, actor_id: int | None = None) -> None:
        """Take everything away, and sign the person out everywhere: for who lost it all, or had it stolen."""
        for table in (Totp, Passkey, RecoveryCode, PasskeyChallenge, PendingSignIn):
            self.db.execute(delete(table).where(table.user_id == self.user_id))
        SessionService(self.db).end_all(self.user_id)
        record(self.db, "second_factor.reset", "user", self.user_id, actor_id=actor_id)


def has_factor(db: Session, user_id: int) -> bool:
    """Whether the person has an app or a passkey."""
    found = select(User.id).where(
        User.id == user_id,
        or_(
            select(Totp.user_id).where(Totp.user_id == user_id).exists(),
            select(Passkey.id).where(Passkey.user_id == user_id).exists(),
        ),
    )
    return db.execute(found).first() is not None
