"""Mail: written down with what it tells of, and sent by a job, which waits for a mail server that is away.

Floor 1: whatever tells somebody something by mail calls :func:`send`, after asking :func:`can_send`.
"""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from plein.contributions import ErasedPerson, Job
from plein.hookspecs import hookimpl
from plein.jobs.models import QueuedJob
from plein.mail.message import AddressError
from plein.mail.sending import JOB, can_send, send, send_one
from plein.web.i18n import _

__all__ = ["AddressError", "can_send", "send"]


@hookimpl
def register_jobs() -> list[Job]:
    # Sixty attempts with pauses of an hour at the end: a mail server may be away for a long weekend.
    return [Job(JOB, send_one, _("Send mail"), attempts=60)]


@hookimpl
def on_user_erased(db: Session, person: ErasedPerson) -> None:
    """What waits to be sent to the person, or was given up, holds their address."""
    if person.email:
        address = QueuedJob.arguments["to"].as_string()
        db.execute(
            delete(QueuedJob).where(QueuedJob.name == JOB, QueuedJob.state != "running", address == person.email),
            execution_options={"synchronize_session": False},
        )
