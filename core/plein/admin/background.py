"""What an administrator should know of the work in the background, and of mail."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from plein.admin.notes import Attention
from plein.db import utcnow
from plein.jobs.models import QueuedJob
from plein.mail.sending import JOB, can_send
from plein.web.i18n import _

#: Work that waits for so long although it is due is done by nobody.
OVERDUE = timedelta(minutes=15)


def of_jobs(db: Session) -> Iterator[Attention]:
    """Work that was given up, and work that nobody does. One statement."""
    late = and_(QueuedJob.state == "waiting", QueuedJob.attempts == 0, QueuedJob.run_at < utcnow() - OVERDUE)
    given_up, overdue = db.execute(
        select(
            func.count(QueuedJob.id).filter(QueuedJob.state == "failed", QueuedJob.name != JOB),
            func.count(QueuedJob.id).filter(late),
        ).where(or_(QueuedJob.state == "failed", late))
    ).one()
    if given_up:
        yield Attention(
            "warning",
            _("Work in the background was given up: ${count}", mapping={"count": given_up}),
            _("See why, take the reason away, and have it tried again."),
            "admin.jobs",
        )
    if overdue:
        yield Attention(
            "warning",
            _("Work in the background is not done: ${count}", mapping={"count": overdue}),
            _("Start plein worker on the server, or set plein.jobs_in_serve to true and restart."),
            "admin.jobs",
        )


def of_mail(db: Session, settings: Mapping[str, Any]) -> Iterator[Attention]:
    """Whether mail is set up, and whether it leaves. At most one statement."""
    if not can_send(settings):
        yield Attention(
            "note",
            _("Plein cannot send mail"),
            _("Set plein.smtp_host and plein.mail_from, restart, and try it with plein mail test."),
            "admin.settings",
        )
        return
    failing = db.execute(
        select(func.count(QueuedJob.id), func.max(QueuedJob.error)).where(
            QueuedJob.name == JOB,
            or_(QueuedJob.state == "failed", and_(QueuedJob.state == "waiting", QueuedJob.error != "")),
        )
    ).one()
    if failing[0]:
        yield Attention(
            "warning",
            _("Mail that could not be sent: ${count}", mapping={"count": failing[0]}),
            _("The last reason: ${reason}", mapping={"reason": failing[1]}),
            "admin.jobs",
        )
