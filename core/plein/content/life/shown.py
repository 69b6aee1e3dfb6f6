"""What an item's page says of its life: the remarks above the text, the marks in its line, the entries of its menu.

No statement for an item that is simply published: all is in its columns. Only of one in the archive, or locked, it is
asked who did that and why.
"""

from typing import Any

from pyramid.request import Request
from sqlalchemy import select

from plein.content.contexts import ContentContext
from plein.content.life.due import kept_until
from plein.content.models import Content, Transition
from plein.contributions import Action, Block
from plein.people.models import User
from plein.security.policy import INSPECTOR
from plein.spaces.permissions import MANAGE
from plein.web.i18n import _

_BANNER = "plein:templates/content/life/banner.pt"
_META = "plein:templates/content/life/meta.pt"


def banner(request: Request, context: ContentContext) -> list[Block]:
    """What readers should know of the item before they read it."""
    item, name = context.item, context.type.name
    edits = item.open_proposals > 0 and bool(request.has_permission(f"{name}.edit"))
    if item.state == "published" and not item.locked and not edits:
        return []
    values = {
        "item": item,
        "context": context,
        "archived": last_step(request, item, "archived") if item.state == "archived" else None,
        "locked": last_step(request, item, "locked") if item.locked else None,
        "until": kept_until(item.trashed_at, request.plein["plein.trash_days"]) if item.state == "trashed" else None,
        "may_lock": context.may_unlock and context.space.archived_at is None,
        "may_purge": item.state == "trashed" and bool(request.has_permission(MANAGE)),
        "edits": edits,
        "is_mine": request.viewer.user_id in (item.author_id, item.owner_id),
    }
    return [Block(_("About this page"), _BANNER, values)]


def last_step(request: Request, item: Content, action: str) -> Any:
    """When, by whom and why something became of *item* last: created_at, reason, name, login."""
    return request.db.execute(
        select(Transition.created_at, Transition.reason, User.name, User.login)
        .outerjoin(User, User.id == Transition.actor_id)
        .where(Transition.content_id == item.id, Transition.action == action)
        .order_by(Transition.id.desc())
        .limit(1)
    ).one_or_none()


def meta(context: ContentContext) -> list[Block]:
    """The marks in the line of who and when."""
    item = context.item
    if item.state == "published" and not item.locked and item.expires_at is None:
        return []
    return [Block(_("State"), _META, {"item": item}, weight=-10)]


def actions(request: Request, item: Content) -> list[Action]:
    """What can be done with an item beside writing."""
    context = request.context
    if not isinstance(context, ContentContext) or item.state == "trashed":
        return []
    name, found = context.type.name, []
    if request.has_permission(f"{name}.edit"):
        found.append(Action(_("Publication, archive and lock"), context.url("life"), "calendar-time", weight=60))
    elif item.state == "published" and context.role != INSPECTOR and context.space.archived_at is None:
        found.append(Action(_("Suggest a change"), context.url("suggest"), "edit", weight=-10))
    if request.viewer.kind == "person" and context.role != INSPECTOR:
        found.append(Action(_("Copy"), context.url("copy"), "copy", weight=70))
    return found
