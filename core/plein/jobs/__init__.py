"""Work for later: rows written in the transaction that wants it done, and the executor that does it.

Floor 1: whatever needs mail sent, an index made or an export written calls :func:`enqueue`. See ADR 0011.
"""

from datetime import timedelta

from plein.contributions import Job, PersonalData
from plein.hookspecs import hookimpl
from plein.jobs.context import JobContext, JobRefused
from plein.jobs.personal import PERSONAL_DATA
from plein.jobs.queue import enqueue, throw_away_old
from plein.web.i18n import _

__all__ = ["JobContext", "JobRefused", "enqueue"]


@hookimpl
def register_jobs() -> list[Job]:
    return [Job("jobs.clean", throw_away_old, _("Throw away what was done long ago"), every=timedelta(days=1))]


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)
