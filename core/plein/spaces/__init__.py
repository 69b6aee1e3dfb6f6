"""Spaces: places with a purpose, an access and members, in which all content lives."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

import plein.spaces.sharing  # noqa: F401 - tells people who shares a space with whom
from plein.contributions import Block, NotificationType, Permission, PersonalData
from plein.hookspecs import hookimpl
from plein.spaces import profile_block
from plein.spaces.inspections_block import block_of_inspections
from plein.spaces.of_group import block_of_group
from plein.spaces.permissions import PERMISSIONS
from plein.spaces.personal import PERSONAL_DATA
from plein.spaces.telling import NOTIFICATIONS


@hookimpl
def register_notifications() -> list[NotificationType]:
    return list(NOTIFICATIONS)


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    if slot == "space.main":
        return block_of_inspections(request, context)
    if slot == "person.main":
        return profile_block.blocks(request.db, request.viewer, context)
    return block_of_group(request, context) if slot == "group.main" else []


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return list(PERSONAL_DATA)


def includeme(config: Configurator) -> None:
    config.include("plein.spaces.routes")
