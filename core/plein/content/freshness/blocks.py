"""What freshness shows at an item and on Start. At an item it asks the database nothing: the columns say it."""

from datetime import timedelta
from typing import Any

from pyramid.request import Request

from plein.content.contexts import ContentContext
from plein.content.freshness import listing
from plein.content.freshness.care import care_url
from plein.content.freshness.listing import Scope
from plein.content.freshness.owners import ROLE_TITLES
from plein.content.freshness.rules import BEFORE_DAYS
from plein.content.freshness.stages import MANAGERS
from plein.contributions import Action, Block
from plein.people.standing import today
from plein.spaces.models import Space
from plein.web.i18n import _

BANNER = "plein:templates/freshness/banner.pt"
META = "plein:templates/freshness/meta.pt"
HOME = "plein:templates/freshness/home.pt"
#: Pages on Start.
SHOWN = 5


def banner(request: Request, context: Any) -> list[Block]:
    """Above the text: that its date has passed, for everybody; that it comes, and what is reported, for who edits."""
    if not isinstance(context, ContentContext) or context.item.state != "published":
        return []
    item, edits = context.item, _edits(request, context)
    is_stale = item.review_stage >= MANAGERS
    soon = item.review_on is not None and item.review_on <= today() + timedelta(days=BEFORE_DAYS)
    if not is_stale and not (edits and (soon or item.open_reports)):
        return []
    values = {
        "item": item,
        "is_stale": is_stale,
        "soon": soon and edits,
        "passed": item.review_on is not None and item.review_on <= today(),
        "edits": edits,
        "care_url": care_url(context) if edits else None,
        "outdated_url": None if edits else _outdated_url(request, context),
    }
    return [Block(_("Is this still true?"), BANNER, values, weight=20)]


def meta(request: Request, context: Any) -> list[Block]:
    """In the line of who and when: who looks after it, and when it was checked."""
    if not isinstance(context, ContentContext) or context.item.state in ("draft", "trashed"):
        return []
    values = {
        "item": context.item,
        "owner": context.owner,
        "role": ROLE_TITLES.get(context.item.owner_role or ""),
    }
    return [Block(_("Owner"), META, values, weight=10)]


def home(request: Request) -> list[Block]:
    """On Start: what I must check. One statement."""
    viewer = request.viewer
    if viewer.view_as is not None:
        return []
    page = listing.mine(request.db, viewer, Scope(tuple(request.plugins.content_types)), size=SHOWN)
    if not page.rows:
        return []
    values = {"rows": page.rows, "more": page.next is not None, "day": today()}
    return [Block(_("Check whether this is still true"), HOME, values, weight=10)]


def actions(request: Request, item: Any) -> list[Action]:
    """What can be done about it, in the menu of an item."""
    context = request.context
    if not isinstance(context, ContentContext) or item.state not in ("published", "archived"):
        return []
    found = []
    if _edits(request, context):
        if item.state == "published":
            # A POST without anything: checked, as the rule says.
            found.append(Action(_("Still true"), context.url("reviewed"), "circle-check", method="POST", weight=10))
        found.append(Action(_("Owner and checking"), context.url("care"), "user-check", weight=11))
    outdated = _outdated_url(request, context)
    if outdated is not None:
        found.append(Action(_("Report that it is out of date"), outdated, "message-report", weight=60))
    return found


def _edits(request: Request, context: ContentContext) -> bool:
    return bool(request.has_permission(f"{context.type.name}.edit", context))


def _outdated_url(request: Request, context: ContentContext) -> str | None:
    space: Space = context.space
    own = context.item.owner_id is not None and context.item.owner_id == request.viewer.user_id
    return None if own or space.archived_at is not None or not context.reads else context.url("outdated")
