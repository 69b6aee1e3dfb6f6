"""What the inbox shows on other pages: what waits for somebody, and following an item."""

from typing import Any

from pyramid.request import Request

from plein.content.models import Content
from plein.contributions import Block
from plein.inbox import reading
from plein.inbox.views import teller
from plein.web.i18n import _

#: Rows of what waits, on the start page.
MOST = 5


def waiting_block(request: Request) -> list[Block]:
    """What asks something of the person and is unread. One statement; nothing where nothing asks."""
    kinds = [kind.name for kind in request.plugins.notifications.values() if kind.asks]
    rows = reading.waiting(request.db, request.viewer.user_id, kinds, MOST) if kinds else []
    told: list[Any] = [teller(request).tell(row) for row in rows]
    return [Block(_("What waits for you"), "plein:templates/inbox/waits.pt", {"told": told}, weight=-50)]


def item_block(request: Request, item: Content) -> list[Block]:
    """The button to follow an item. One statement."""
    own = request.viewer.user_id in (item.author_id, item.owner_id)
    values = {"item": item, "usual": "all" if own else None}
    return [Block(_("Follow"), "plein:templates/inbox/item.pt", values, weight=90)]
