"""The two pages of an item whose plugin is not there: its text, to read, and the same as Markdown, to take along."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from plein.content.dormant.contexts import DormantItem
from plein.content.links import link_key
from plein.content.reading import files, linked_from
from plein.content.showing.filling import filled


def show(context: DormantItem, request: Request) -> dict[str, Any]:
    """The text as it was last made, with the word that this is all that can be done with it for now."""
    row, kind = context.row, context.kind
    wanted = {
        link_key(one.target_space, one.target_slug, "" if one.target_type == kind.name else one.target_type)
        for one in linked_from(request.db, row).wanted
    }
    # What asks for a type is for the writers of an item, and it has none now.
    here: Any = context
    parts = {"space": context.space.slug, "path": kind.path, "slug": row.slug}
    return {
        "space": context.space,
        "item": row,
        "kind": kind.title(request.locale_name),
        "html": filled(request, here, row.html, row.language, wanted=wanted),
        "files": [
            {"name": one.name, "url": request.route_path("attachment", uid=one.uid, name=one.name)}
            for one in files(request.db, row)
        ],
        "crumbs": [(context.space.name, request.route_path("space.home", space=context.space.slug))],
        "take": request.route_path("content.dormant_take", **parts),
    }


def take(context: DormantItem, request: Request) -> Response:
    """The Markdown as it was written."""
    answer = Response(context.row.body, content_type="text/plain", charset="utf-8")
    answer.content_disposition = f'attachment; filename="{context.row.slug}.md"'
    return answer
