"""Spaces: places with a purpose, an access and members, in which all content lives."""

from pyramid.config import Configurator

import plein.spaces.sharing  # noqa: F401 - tells people who shares a space with whom
from plein.contributions import Permission
from plein.hookspecs import hookimpl
from plein.spaces.permissions import PERMISSIONS


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


def includeme(config: Configurator) -> None:
    config.include("plein.spaces.routes")
