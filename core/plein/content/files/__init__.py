"""Files and pictures of items: where they are kept, their sizes, and the words in them."""

from datetime import timedelta

from pyramid.config import Configurator

import plein.content.files.models  # noqa: F401 - its tables
from plein.content.files import jobs, keeping
from plein.content.files.personal import PERSONAL_DATA
from plein.content.files.services import EXTRACT, SCAN, SIZES
from plein.contributions import Job, PersonalData
from plein.hookspecs import hookimpl
from plein.web.i18n import _


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job(EXTRACT, jobs.extract, _("Read the words in a file")),
        Job(SIZES, jobs.make_sizes, _("Make smaller pictures")),
        Job(SCAN, jobs.search, _("Search a file for viruses")),
        Job(
            "files.catch_up", jobs.catch_up, _("Look for files that still wait for something"), every=timedelta(hours=1)
        ),
        Job("files.clean", keeping.clean, _("Throw away files that nobody needs any more"), every=timedelta(days=1)),
    ]


def includeme(config: Configurator) -> None:
    config.include("plein.content.files.routes")
