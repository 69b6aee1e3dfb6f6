"""What an item was: its versions, the difference between two, and putting one back."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request

from plein.content import reading
from plein.content.contexts import ContentContext
from plein.content.difference import compare
from plein.content.services import StaleVersion
from plein.content.views.show import find_revision, item_values, version_number
from plein.web.i18n import _


def history(context: ContentContext, request: Request) -> dict[str, Any]:
    """The versions, newest first."""
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    return {
        **item_values(context, request),
        "page": reading.history(request.db, context.item, before=number),
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
    """Make an earlier version the newest."""
    number = version_number(request.POST.get("version"))
    try:
        result = context.service.restore(context.item, number)
    except StaleVersion:
        raise HTTPNotFound() from None
    if result.kind == "saved":
        request.notice(_("Version ${number} is the newest again.", mapping={"number": number}))
    else:
        request.notice(_("That version says the same as the newest one."), kind="info")
    return HTTPSeeOther(context.url("show"))
