"""Tasks of a list that who may edit the item ticks where they read it: each box a button, that works without script."""

import re
from functools import partial
from typing import Any

from pyramid.csrf import get_csrf_token
from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther
from pyramid.request import Request

from plein.content.approving import NEEDED
from plein.content.contexts import ContentContext, TypeContext
from plein.content.models import Content
from plein.content.policies import policies_of
from plein.content.services import StaleVersion
from plein.web.html import escape
from plein.web.i18n import _
from plein.web.markup import MarkupError
from plein.web.markup_tasks import tick
from plein.web.templating import csrf_field

_BOX = re.compile(r'<input (?:[^<>"]|"[^"]*")*>')
_NAME = re.compile(r'aria-label="([^"]*)"')
#: Of the form that the buttons belong to; ids in a text have a prefix.
_FORM = "tick-tasks"
_VALUE = re.compile(r"(\d{1,5})-(done|open)")


def open_boxes(request: Request, context: TypeContext, item: Content, html: str) -> str:
    """*html* of *item*, whose boxes the viewer can tick."""
    if "<input " not in html or not _may_tick(request, context, item):
        return html
    number = -1

    def button(match: re.Match[str]) -> str:
        nonlocal number
        number += 1
        done = " checked" in match[0]
        name = _NAME.search(match[0])
        return (
            f'<button type="submit" class="tick" form="{_FORM}" name="task" id="task-{number}" role="checkbox"'
            f' value="{number}-{"open" if done else "done"}" aria-checked="{"true" if done else "false"}"'
            f' aria-label="{name[1] if name else ""}"></button>'
        )

    html = _BOX.sub(button, html)
    token = csrf_field(partial(get_csrf_token, request))
    form = (
        f'<form id="{_FORM}" method="post" action="{escape(context.url("tick"))}">{token}'
        f'<input type="hidden" name="base_version" value="{item.version}"></form>'
    )
    return html + form


def _may_tick(request: Request, context: TypeContext, item: Content) -> bool:
    """Whether a change is the item's at once: where somebody has to approve it, a box is no exception."""
    if item.state == "published":
        return not policies_of(context, request)[NEEDED]
    return item.state == "draft"


def tick_task(context: ContentContext, request: Request) -> Any:
    """Fill or empty one box, as a minor change that nobody is told of."""
    item, service = context.item, context.service
    asked = _VALUE.fullmatch(request.POST.get("task", ""))
    version = request.POST.get("base_version", "")
    if asked is None or not (version.isascii() and version.isdigit() and len(version) < 10):
        raise HTTPBadRequest()
    if not _may_tick(request, context, item):
        # No page of this site has the button then.
        raise HTTPBadRequest()
    back = HTTPSeeOther(f"{context.url('show')}#task-{asked[1]}")
    base = service.revision(item, int(version))
    if base is None:
        raise HTTPBadRequest()
    try:
        body = tick(base.body, int(asked[1]), asked[2] == "done", service.limits)
        if body is None:
            raise HTTPBadRequest()
        result = service.save(item, base_version=base.version, title=base.title, body=body, tags=base.tags, minor=True)
    except StaleVersion:
        raise HTTPBadRequest() from None
    except MarkupError as error:
        request.notice(error.sentence, kind="error")
        return back
    if result.kind == "conflict":
        request.notice(_("Somebody changed this task meanwhile. Look at it again before you tick it."), kind="error")
    return back
