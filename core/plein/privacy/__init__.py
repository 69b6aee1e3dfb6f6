"""Privacy: my data, putting right, erasing, freezing, and the register of what is kept about people and why."""

from datetime import timedelta

from pyramid.config import Configurator

from plein.contributions import Job, Permission, PersonalData
from plein.hookspecs import hookimpl
from plein.privacy.exporting import EXPORT, make_export, throw_away_expired
from plein.privacy.permissions import PERMISSIONS
from plein.privacy.personal import PERSONAL_DATA
from plein.web.i18n import _


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


@hookimpl
def register_jobs() -> list[Job]:
    return [
        Job(EXPORT, make_export, _("Put together what is kept about somebody")),
        Job("privacy.expire", throw_away_expired, _("Throw away exports that expired"), every=timedelta(hours=1)),
    ]


def includeme(config: Configurator) -> None:
    config.include("plein.privacy.routes")
