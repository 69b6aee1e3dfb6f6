"""What an item was: its versions, the difference between two, and putting one back."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request

from plein.content import reading
from plein.content.approving import ApprovalNeeded
from plein.content.contexts import ContentContext
from plein.content.difference import compare
from plein.content.fields import from_json
from plein.content.life import steps
from plein.content.life.proposals import ProposalService
from plein.content.life.saving import SENT
from plein.content.life.views import steps as possible_steps
from plein.content.services import StaleVersion
from plein.content.views.show import find_revision, item_values, version_number
from plein.web.i18n import _


def history(context: ContentContext, request: Request) -> dict[str, Any]:
    """The versions, newest first, and between them what became of the item beside its text."""
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    page = reading.history(request.db, context.item, before=number)
    taken = steps.beside(request.db, context.item, page, number)
    return {
        **item_values(context, request),
        "page": page,
        "lines": steps.lines(page, taken),
        "undo": steps.undo(taken, possible_steps(context, request)) if number is None else None,
        "step_words": steps.WORDS,
        "step_icons": steps.ICONS,
    }


def diff(context: ContentContext, request: Request) -> dict[str, Any]:
    """What changed between two versions; without numbers, what the newest one changed."""
    item = context.item
    new = find_revision(context, request.GET.get("to") or str(item.version))
    old = find_revision(context, request.GET.get("from") or str(max(new.version - 1, 1)))
    if old.version > new.version:
        old, new = new, old
    return {
        **item_values(context, request),
        "old": old,
        "new": new,
        "title_rows": compare(old.title, new.title) if old.title != new.title else [],
        "rows": compare(old.body, new.body),
        "tags_added": [tag for tag in new.tags if tag not in old.tags],
        "tags_removed": [tag for tag in old.tags if tag not in new.tags],
    }


def restore(context: ContentContext, request: Request) -> HTTPSeeOther:
    """Make an earlier version the newest; where that needs approval, propose it."""
    number = version_number(request.POST.get("version"))
    try:
        result = context.service.restore(context.item, number)
    except StaleVersion:
        raise HTTPNotFound() from None
    except ApprovalNeeded:
        return _propose(context, request, number)
    if result.kind == "saved":
        request.notice(_("Version ${number} is the newest again.", mapping={"number": number}))
    else:
        request.notice(_("That version says the same as the newest one."), kind="info")
    return HTTPSeeOther(context.url("show"))


def _propose(context: ContentContext, request: Request, number: int) -> HTTPSeeOther:
    """Have an earlier version wait for approval, as any other change."""
    old = find_revision(context, str(number))
    made = ProposalService(context.service, context.role).suggest(
        context.item,
        base_version=context.item.version,
        title=old.title,
        body=old.body,
        tags=old.tags,
        fields=from_json(context.type.fields, old.fields),
        note=request.localizer.translate(_("Version ${number} put back", mapping={"number": number})),
    )
    if made is None:
        request.notice(_("That version says the same as the newest one."), kind="info")
        return HTTPSeeOther(context.url("show"))
    request.notice(SENT)
    return HTTPSeeOther(context.url("proposal", number=made.id))
