"""Administration: what needs attention and what to do about it. Being an administrator opens no hidden space."""

from pyramid.config import Configurator

from plein.admin.permissions import PERMISSIONS
from plein.contributions import Permission
from plein.hookspecs import hookimpl


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


def includeme(config: Configurator) -> None:
    config.include("plein.admin.routes")
