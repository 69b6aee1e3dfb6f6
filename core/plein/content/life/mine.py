"""My writing: drafts, what is planned, what I proposed, and what waits for my approval."""

from typing import Any

from pyramid.request import Request

from plein.content.life import proposed
from plein.contributions import Block
from plein.web.i18n import _

#: On the start page.
SHOWN = 5


def writing(request: Request) -> dict[str, Any]:
    """Three lists, each on its own page further on."""
    me, types = request.viewer.user_id, request.plugins.content_types
    drafts, more_drafts = proposed.drafts(request.db, me, _number(request, "drafts"))
    sent, more_sent = proposed.of_person(request.db, me, _number(request, "sent"))
    return {
        "waiting": [row for row in proposed.waiting_for(request.db, request.viewer) if row.type in types],
        "drafts": [row for row in drafts if row.type in types],
        "more_drafts": more_drafts,
        "sent": [row for row in sent if row.type in types],
        "more_sent": more_sent,
        "types": types,
    }


def _number(request: Request, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def waiting_block(request: Request) -> list[Block]:
    """On the start page of who has something to approve; nobody else sees it."""
    if request.viewer.kind != "person":
        return []
    types = request.plugins.content_types
    rows = [row for row in proposed.waiting_for(request.db, request.viewer, SHOWN + 1) if row.type in types]
    if not rows:
        return []
    values = {"rows": rows[:SHOWN], "more": len(rows) > SHOWN, "types": types}
    return [Block(_("Waits for your approval"), "plein:templates/content/life/waiting.pt", values, weight=-50)]
