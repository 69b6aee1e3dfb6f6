"""Tells the managers of a space, on its home, that administration looked in."""

from typing import Any

from pyramid.request import Request

from plein.contributions import Block
from plein.db import utcnow
from plein.spaces.inspections import TOLD_FOR, of_space
from plein.spaces.permissions import MANAGE
from plein.web.i18n import _

_SHOWN = 3
TEMPLATE = "plein:templates/spaces/inspections_block.pt"


def block_of_inspections(request: Request, context: Any) -> list[Block]:
    """The last ones of thirty days; nothing for whoever does not manage the space. One statement."""
    if not request.has_permission(MANAGE, context):
        return []
    rows = of_space(request.db, context.space, since=utcnow() - TOLD_FOR)[:_SHOWN]
    if not rows:
        return []
    values = {"rows": rows, "all": request.route_path("space.inspections", space=context.space.slug)}
    return [Block(_("Looked in by administration"), TEMPLATE, values, weight=-10)]
