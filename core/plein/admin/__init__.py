"""Administration: what needs attention and what to do about it. Being an administrator opens no hidden space."""

from pyramid.config import Configurator

from plein.admin.permissions import PERMISSIONS
from plein.admin.plugin_pauses import PAUSED, PERSONAL_DATA
from plein.contributions import NotificationType, Permission, PersonalData
from plein.hookspecs import hookimpl


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def register_notifications() -> list[NotificationType]:
    return [PAUSED]


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


def includeme(config: Configurator) -> None:
    config.include("plein.admin.routes")
    config.include("plein.authoring")
