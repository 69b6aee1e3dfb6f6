"""Links that lead to nothing any more, in one space; each can be said to be right after all."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from plein.content.models import Content, ExternalLink
from plein.content.relations.checking import SETTING, broken_in
from plein.content.relations.views import may_change
from plein.spaces.contexts import SpaceContext
from plein.spaces.permissions import VIEW
from plein.web.i18n import _

PROBLEMS = {
    "404": _("There is no such page."),
    "410": _("The page was taken away."),
    "451": _("The page may not be shown."),
    "no-address": _("There is no site with this name."),
    "timeout": _("The site does not answer in time."),
    "tls": _("The connection cannot be trusted."),
    "connection": _("The site does not answer."),
    "redirects": _("The address sends visitors round in a circle."),
}


@view_config(
    route_name="space.broken",
    request_method="GET",
    permission=VIEW,
    renderer="plein:templates/relations/broken.pt",
)
def broken(context: SpaceContext, request: Request) -> dict[str, Any]:
    """The links, with since when, in what, and what is wrong."""
    types = request.plugins.content_types
    rows = [row for row in broken_in(request.db, context.space.id) if row.type in types]
    return {
        "space": context.space,
        "rows": rows,
        "problems": PROBLEMS,
        "is_on": request.plein[SETTING],
        "may_edit": {name: bool(request.has_permission(f"{name}.edit")) for name in {row.type for row in rows}},
    }


@view_config(route_name="space.broken", request_method="POST", permission=VIEW)
def decide(context: SpaceContext, request: Request) -> HTTPSeeOther:
    """Say that a link is right, or with ``fine=0`` that it has to be looked at after all."""
    number = request.POST.get("link", "")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    found = request.db.execute(
        select(ExternalLink, Content)
        .join(Content, Content.id == ExternalLink.content_id)
        .where(ExternalLink.id == wanted, Content.space_id == context.space.id)
    ).one_or_none()
    if found is None:
        raise HTTPNotFound()
    link, item = found
    if not may_change(request, item):
        raise HTTPForbidden()
    link.is_fine = request.POST.get("fine") == "1"
    request.db.flush()
    address = request.route_path("space.broken", space=context.space.slug)
    if link.is_fine:
        undo = {"url": address, "values": {"link": str(link.id), "fine": "0"}}
        request.notice(_("This link is not checked any more."), undo=undo)
    else:
        request.notice(_("This link is checked again."))
    return HTTPSeeOther(address)
