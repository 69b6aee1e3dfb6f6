"""The audit log: who did what, to what, with which result, from where and when. Each entry is chained to the last.

Floor 1: whatever changes rights, accounts, settings or data for everybody calls :func:`record`.
"""

from datetime import timedelta

from pyramid.config import Configurator

from plein.audit.keeping import check, take_away_old
from plein.audit.log import ORIGIN, record, record_aside
from plein.contributions import Job
from plein.hookspecs import hookimpl
from plein.web.i18n import _

__all__ = ["ORIGIN", "record", "record_aside"]


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job("audit.purge", take_away_old, _("Remove the oldest part of the audit log"), every=timedelta(days=1)),
        Job("audit.verify", check, _("Check that the audit log is as it was written"), every=timedelta(days=7)),
    ]


def includeme(config: Configurator) -> None:
    config.include("plein.audit.acts")
