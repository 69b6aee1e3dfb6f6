"""Recovery codes: ten on paper, each good for one time, for whoever has lost phone and key.

Eighty random bits need no slow hash, and no secret of the server: they must work after everything else was lost.
"""

import secrets
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.people.second_factor.models import RecoveryCode

COUNT = 10
#: Without signs that look like each other.
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _SIZE = 4, 4


class RecoveryCodes:
    """The recovery codes of one person. Never commits."""

    def __init__(self, db: Session, user_id: int) -> None:
        self.db = db
        self.user_id = user_id

    def make(self) -> tuple[list[str], str]:
        """Ten new codes, which are stored nowhere, and what :meth:`keep` is given. Until then the old ones work."""
        codes, batch, now = [_new_code() for _each in range(COUNT)], secrets.token_urlsafe(16), utcnow()
        self.db.execute(delete(RecoveryCode).where(self._mine(), RecoveryCode.saved_at.is_(None)))
        self.db.add_all(
            RecoveryCode(user_id=self.user_id, code_hash=self._hash(code), batch=batch, created_at=now)
            for code in codes
        )
        self.db.flush()
        return codes, batch

    def keep(self, batch: str) -> bool:
        """The person has these: from now on they work, and earlier ones do not. ``False`` for codes that are gone."""
        kept = self.db.execute(
            update(RecoveryCode)
            .where(self._mine(), RecoveryCode.batch == batch, RecoveryCode.saved_at.is_(None))
            .values(saved_at=utcnow())
        )
        if not kept.rowcount:  # type: ignore[attr-defined]
            return False
        self.db.execute(delete(RecoveryCode).where(self._mine(), RecoveryCode.batch != batch))
        return True

    def use(self, code: str) -> bool:
        """Use *code* up. Of two who give it at the same moment, one gets in."""
        used = self.db.execute(
            update(RecoveryCode)
            .where(self._usable(), RecoveryCode.code_hash == self._hash(code))
            .values(used_at=utcnow())
        )
        return bool(used.rowcount == 1)  # type: ignore[attr-defined]

    def left(self) -> int:
        return self.db.scalar(select(func.count(RecoveryCode.id)).where(self._usable())) or 0

    def remove(self) -> None:
        self.db.execute(delete(RecoveryCode).where(self._mine()))

    def _mine(self) -> ColumnElement[bool]:
        return RecoveryCode.user_id == self.user_id

    def _usable(self) -> ColumnElement[bool]:
        return self._mine() & RecoveryCode.saved_at.is_not(None) & RecoveryCode.used_at.is_(None)

    def _hash(self, code: str) -> str:
        """However it is typed: capitals, blanks and hyphens make no difference."""
        plain = "".join(sign for sign in code.casefold() if sign.isalnum())
        return sha256(f"{self.user_id}\0{plain}".encode("utf-8", "backslashreplace")).hexdigest()


def _new_code() -> str:
    signs = "".join(secrets.choice(SIGNS) for _each in range(_GROUPS * _SIZE))
    return "-".join(signs[start : start + _SIZE] for start in range(0, len(signs), _SIZE))
