"""Changing a setting on a page or from a file: checked, recorded, and in force on the next request."""

from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from plein.adjusting.models import SettingValue
from plein.audit import record
from plein.db import utcnow
from plein.db.session import VIEWER
from plein.security.stamps import bump
from plein.settings import Settings, fit


def as_json(value: Any) -> Any:
    """A setting's value as it is stored and recorded: words as a list."""
    return list(value) if isinstance(value, tuple) else value


def choose(db: Session, settings: Settings, name: str, value: Any) -> bool:
    """Let *name* be *value*, or with ``None`` what it is by default. Gives whether that changes anything.

    :raises LookupError: where it may not be changed here.
    :raises ValueError: for a value that does not fit; the text follows the setting's name.
    """
    setting = settings.adjustable[name]
    wanted = None if value is None else as_json(fit(setting, value))
    if _stored(db, name) == wanted:
        return False
    # Whoever else changes it waits until this transaction ends, and then sees what is chosen here.
    bump(db)
    before = _stored(db, name)
    row = db.get(SettingValue, name)
    if wanted is None:
        db.execute(delete(SettingValue).where(SettingValue.name == name))
    else:
        if row is None:
            row = SettingValue(name=name)
            db.add(row)
        row.value, row.changed_at = wanted, utcnow()
        row.user_id = getattr(db.info.get(VIEWER), "user_id", None)
    db.flush()
    record(db, "setting.changed", "setting", name, before=before, after=wanted)
    return True


def _stored(db: Session, name: str) -> Any:
    """What was chosen for *name*; ``None`` for nothing."""
    row = db.get(SettingValue, name, populate_existing=True)
    return None if row is None else row.value
