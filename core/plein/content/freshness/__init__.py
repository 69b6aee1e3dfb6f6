"""Whether items are still true: owners, review dates, reports by readers, and how often they are read."""

from datetime import timedelta

from pyramid.config import Configurator
from pyramid.events import NewResponse

from plein.content.freshness.personal import PERSONAL_DATA
from plein.content.freshness.reads import ReadCounter, note_read, sum_up
from plein.contributions import Job, PersonalData
from plein.hookspecs import hookimpl
from plein.web.i18n import _


@hookimpl
def register_jobs() -> list[Job]:
    return [Job("freshness.popularity", sum_up, _("Sum up how often pages are read"), every=timedelta(days=1))]


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


def includeme(config: Configurator) -> None:
    config.registry["plein.reads"] = ReadCounter(config.registry["plein.engine"])
    config.add_subscriber(note_read, NewResponse)
