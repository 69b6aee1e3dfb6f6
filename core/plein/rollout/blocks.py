"""What the ladder shows on other pages: a question about what somebody tries, and that something is being retired."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pyramid.request import Request

from plein.content.contexts import ContentContext
from plein.contributions import Block
from plein.ladder.models import Rollout
from plein.ladder.rungs import owner
from plein.rollout import feedback
from plein.rollout.titles import about
from plein.web.i18n import _

ASK = "plein:templates/rollout/ask.pt"
BANNER = "plein:templates/rollout/banner.pt"


def home(request: Request) -> list[Block]:
    """On Start: the question about a function that the viewer tries."""
    asked = feedback.due(request.db, request.reach)
    if asked is None:
        return []
    title = about(request.installed, asked.plugin, request.localizer.translate).title
    values = {"asked": asked, "values": {}, "errors": {}}
    return [Block(_("You try ${function}", mapping={"function": title}), ASK, values, weight=30)]


@dataclass(frozen=True, slots=True)
class Retiring:
    """:param until: the last day on which it can be read; ``None`` where none was said."""

    until: date | None


def retiring(request: Request, name: str) -> Retiring | None:
    """That the plugin of *name* (of a type, a route) is being retired; no statement where it is not."""
    plugin = owner(name)
    if not request.reach.is_retiring(plugin):
        return None
    row = request.db.get(Rollout, plugin)
    return Retiring(row.ends_on if row is not None else None)


def banner(request: Request, context: Any) -> list[Block]:
    """Above an item: until when it can be read, and how to keep it."""
    if not isinstance(context, ContentContext):
        return []
    found = retiring(request, context.type.name)
    if found is None:
        return []
    return [Block(_("Being retired"), BANNER, {"retiring": found, "raw": context.url("raw")}, weight=5)]
