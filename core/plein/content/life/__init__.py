"""The life of an item: when it appears and ends, who approves it, the archive, copies and locks."""

from pyramid.config import Configurator

from plein.content.approving import BY, NEEDED, SUGGESTIONS
from plein.content.life import visibility  # noqa: F401 - puts the rule about proposals in force
from plein.content.life.acts import ACTS
from plein.content.life.due import JOBS
from plein.content.life.form_part import LifePart
from plein.content.life.notices import NOTIFICATIONS
from plein.content.life.personal import PERSONAL_DATA
from plein.contributions import Job, NotificationType, PersonalData
from plein.hookspecs import hookimpl


@hookimpl
def register_jobs() -> list[Job]:
    return list(JOBS)


@hookimpl
def register_notifications() -> list[NotificationType]:
    return list(NOTIFICATIONS)


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
    for policy in (NEEDED, BY, SUGGESTIONS):
        config.add_policy(policy)
    config.add_form_part(LifePart())
