"""Who gets in: work for later."""

from typing import Any

from sqlalchemy.orm import Session

from authorisation.rules import Row, admin
from plein.jobs.models import QueuedJob

SITE = {
    "GET": {"admin.jobs": Row(admin)},
    "POST": {"admin.jobs.retry": Row(admin, {"id": "{job}"})},
}


def prepare(db: Session, people: dict[str, Any], space: Any) -> dict[str, str]:
    """Work that failed."""
    failed = QueuedJob(name="mail.send", arguments={}, state="failed")
    db.add(failed)
    db.flush()
    return {"job": str(failed.id)}
