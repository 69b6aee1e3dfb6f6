"""On the home of a space, for its managers: that links lead to nothing. One statement, where links are checked."""

from typing import Any

from pyramid.request import Request

from plein.content.relations.checking import SETTING, broken_in
from plein.contributions import Block
from plein.spaces.permissions import MANAGE
from plein.web.i18n import _


def broken_block(request: Request, context: Any) -> list[Block]:
    """On the home of a space, for its managers: that there are such links."""
    if not request.plein[SETTING] or not request.has_permission(MANAGE):
        return []
    count = len(broken_in(request.db, context.space.id, limit=100))
    address = request.route_path("space.broken", space=context.space.slug)
    values = {"count": count, "url": address}
    return [Block(_("Broken links"), "plein:templates/relations/broken_block.pt", values, weight=80)] if count else []
