"""Spaces: places with a purpose, an access and members, in which all content lives."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

import plein.spaces.sharing  # noqa: F401 - tells people who shares a space with whom
from plein.contributions import Block, Permission
from plein.db import utcnow
from plein.hookspecs import hookimpl
from plein.spaces import inspections
from plein.spaces.permissions import MANAGE, PERMISSIONS
from plein.web.i18n import _


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    """Tells the managers of a space on its home that administration looked in."""
    if slot != "space.main" or not request.has_permission(MANAGE, context):
        return []
    rows = inspections.of_space(request.db, context.space, since=utcnow() - inspections.TOLD_FOR)[:3]
    if not rows:
        return []
    values = {"rows": rows, "all": request.route_path("space.inspections", space=context.space.slug)}
    return [Block(_("Looked in by administration"), "plein:templates/spaces/inspections_block.pt", values, weight=-10)]


def includeme(config: Configurator) -> None:
    config.include("plein.spaces.routes")
