"""People: accounts, sign-in, sessions and the directory."""

from pyramid.config import Configurator

from plein.contributions import Permission
from plein.hookspecs import hookimpl
from plein.people.permissions import PERMISSIONS


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


def includeme(config: Configurator) -> None:
    config.include("plein.people.sessions")
    config.include("plein.people.routes")
    config.include("plein.people.group_routes")
