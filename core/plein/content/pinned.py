"""The item that stands on top of a space's home. Its managers choose it from the menu of the item itself.

The space keeps the item's uid, and it is looked up under the guard: an item that moved away, was thrown away or is not
for this reader is not shown.
"""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.audit import record
from plein.content.models import Content
from plein.contributions import Action, Block
from plein.spaces.contexts import SpaceContext
from plein.spaces.deciding import lock, require
from plein.spaces.permissions import MANAGE
from plein.web.i18n import _

BLOCK = "plein:templates/content/pinned.pt"
#: How much of its text the home shows, in characters.
SHOWN = 300


def pinned_block(request: Request, context: Any) -> list[Block]:
    """The pinned item of the space, for its home."""
    space = context.space
    if not space.pinned_uid:
        return []
    row = request.db.execute(
        select(Content.type, Content.slug, Content.title, Content.text).where(
            Content.uid == space.pinned_uid, Content.space_id == space.id, Content.state == "published"
        )
    ).one_or_none()
    if row is None or row.type not in request.plugins.content_types:
        return []
    text = row.text if len(row.text) <= SHOWN else row.text[:SHOWN].rsplit(maxsplit=1)[0] + " …"
    address = request.route_path(f"{row.type}.show", space=space.slug, slug=row.slug)
    return [Block(_("Pinned"), BLOCK, {"title": row.title, "url": address, "text": text}, weight=-100)]


def pin_actions(request: Request, item: Any) -> list[Action]:
    """What managers can do with an item of their space."""
    context = request.context
    if getattr(context, "space", None) is None or item.state != "published" or not request.has_permission(MANAGE):
        return []
    is_pinned = context.space.pinned_uid == item.uid
    title = _("No longer pin on the space's home") if is_pinned else _("Pin on the space's home")
    address = request.route_path("space.pin", space=context.space.slug, _query={} if is_pinned else {"item": item.uid})
    return [Action(title, address, "pin", method="POST", weight=50)]


@view_config(route_name="space.pin", request_method="POST", permission=MANAGE)
def pin(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Have an item stand on top of the space's home, or none."""
    space, db = context.space, request.db
    lock(db, space)
    require(db, request.viewer, space, MANAGE)
    wanted = request.GET.get("item", "")
    uid = db.scalar(select(Content.uid).where(Content.uid == wanted, Content.space_id == space.id)) if wanted else None
    before = space.pinned_uid
    if uid != before:
        space.pinned_uid = uid
        record(db, "space.changed", "space", space.id, fields=["pinned"])
    undo = request.route_path("space.pin", space=space.slug, _query={"item": before} if before else {})
    request.notice(
        _("This now stands on top of the space's home.") if uid else _("Nothing is pinned any more."), undo=undo
    )
    return HTTPSeeOther(request.route_path("space.home", space=space.slug))
