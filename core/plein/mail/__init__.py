"""Mail: written down with what it tells of, and sent by a job, which waits for a mail server that is away.

Floor 1: whatever tells somebody something by mail calls :func:`send`, after asking :func:`can_send`.
"""

from plein.contributions import Job
from plein.hookspecs import hookimpl
from plein.mail.message import AddressError
from plein.mail.sending import JOB, can_send, send, send_one
from plein.web.i18n import _

__all__ = ["AddressError", "can_send", "send"]


@hookimpl
def register_jobs() -> list[Job]:
    # Sixty attempts with pauses of an hour at the end: a mail server may be away for a long weekend.
    return [Job(JOB, send_one, _("Send mail"), attempts=60)]
