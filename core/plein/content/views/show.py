"""Reading an item: its page, an earlier version, print, plain Markdown, and what links to it."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from plein.content import reading
from plein.content.contexts import ContentContext, MissingItem, TypeContext
from plein.content.fields import shown
from plein.content.links import link_key
from plein.content.models import Content
from plein.content.relations.showing import linked
from plein.content.showing.filling import filled, previewed
from plein.security.csrf import SAFE_METHODS, comes_from_here
from plein.web.blocks import blocks
from plein.web.errors import error_page, kept_fields


def show(context: ContentContext, request: Request) -> dict[str, Any]:
    """The item as its readers see it."""
    item = context.item
    wanted = {
        link_key(row.target_space, row.target_slug, "" if row.target_type == item.type else row.target_type)
        for row in linked(request, item).wanted
    }
    values = item_values(context, request)
    return {
        **values,
        "html": filled(request, context, item.html, item.language, wanted=wanted, tick=_ticked(context, values)),
        "outline": item.outline,
        "files": file_rows(context, request),
        "facts": shown(context.type.fields, item),
        "banners": blocks(request, "content.banner", context),
        "side": blocks(request, "content.side", context),
        "blocks": blocks(request, "content.below", context),
        "actions": item_actions(context, request),
    }


def _ticked(context: ContentContext, values: dict[str, Any]) -> Content | None:
    """The item, where the viewer may tick its tasks."""
    may = values["rights"]["edit"] and context.may_write_item
    return context.item if may else None


def printed(context: ContentContext, request: Request) -> dict[str, Any]:
    """The item alone, for paper."""
    facts = shown(context.type.fields, context.item)
    html = filled(request, context, context.item.html, context.item.language)
    return {**item_values(context, request), "facts": facts, "html": html}


def raw(context: ContentContext, request: Request) -> Response:
    """The Markdown as it was written."""
    return Response(context.item.body, content_type="text/plain", charset="utf-8")


def version(context: ContentContext, request: Request) -> dict[str, Any]:
    """The item as it was at an earlier version."""
    revision = find_revision(context, request.matchdict["version"])
    rendered = context.service.rendered(context.item, revision.body)
    return {
        **item_values(context, request),
        "revision": revision,
        "html": previewed(request, context, rendered, context.item.language),
    }


def links(context: ContentContext, request: Request) -> dict[str, Any]:
    """What leads here, of any type and from any space, and where this leads that is not there."""
    rows = reading.backlinks(request.db, context.item, context.space)
    return {
        **item_values(context, request),
        "backlinks": {kind: [row for row in rows if row.kind == kind] for kind in ("link", "embed", "also")},
        "wanted": linked(request, context.item).wanted,
        "types": request.plugins.content_types,
    }


def item_values(context: ContentContext, request: Request) -> dict[str, Any]:
    """What every page about one item shows around it."""
    item, name = context.item, context.type.name
    around = context.service.surroundings(item, context.space)
    return {
        "context": context,
        "item": item,
        "type": context.type,
        "space": context.space,
        "author": context.author,
        "updated_by": context.updated_by,
        "rights": {word: request.has_permission(f"{name}.{word}") for word in ("create", "edit", "delete", "move")},
        "meta": blocks(request, "content.meta", context),
        "crumbs": crumbs(context, request, around.get("above", ())),
        "nodes": nodes(context, around.get("tree", ())),
    }


def missing(error: MissingItem, request: Request) -> Any:
    """404, with an offer to write what is not there to whoever may. A wanted link leads here.

    What was typed into a page that somebody else threw away meanwhile comes back to its writer.
    """
    request.response.status_int = 404
    # The factory failed, so Pyramid has no context yet; the page's own menus ask for it.
    request.context = error.place
    context, slug = error.place, request.matchdict["slug"]
    if request.method not in SAFE_METHODS:
        return error_page(request, 404, kept=kept_fields(request) if comes_from_here(request) else [])
    return {
        "context": context,
        "type": context.type,
        "space": context.space,
        "crumbs": crumbs(context, request, ()),
        "title": reading.wanted_title(request.db, context.space, context.type.name, slug),
        "may_create": bool(request.has_permission(f"{context.type.name}.create", context)),
        "quote": quote,
    }


def crumbs(context: TypeContext, request: Request, above: Iterable[Any]) -> list[tuple[Any, str]]:
    """The way down to an item, as titles and addresses; *above* are the items over it, if its type has a tree."""
    base = context.url("list")
    return [
        (context.space.name, request.route_path("space.home", space=context.space.slug)),
        (context.type.plural, base),
        *((row.title, f"{base}/{row.slug}") for row in above),
    ]


def nodes(context: TypeContext, tree: Iterable[Any]) -> list[dict[str, Any]]:
    """A tree of items with their addresses, as the tree macro takes it."""
    # Slugs need no quoting, and making hundreds of addresses from a route costs more than the page.
    base = context.url("list")

    def node(branch: Any) -> dict[str, Any]:
        below = [node(child) for child in branch.children]
        return {
            "title": branch.title,
            "url": f"{base}/{branch.slug}",
            "current": branch.current,
            "open": any(child["current"] or child["open"] for child in below),
            "children": below,
        }

    return [node(branch) for branch in tree]


def file_rows(context: ContentContext, request: Request) -> list[dict[str, Any]]:
    """The files of the item as its pages list them."""
    return [
        {
            **row._mapping,
            "url": request.route_path("attachment", uid=row.uid, name=row.name),
            "is_image": row.width is not None,
            "reference": quote(row.name),
        }
        for row in reading.files(request.db, context.item)
        if row.scan_state != "infected"
    ]


def item_actions(context: ContentContext, request: Request) -> list[Any]:
    """What plugins add to the row of actions, by weight."""
    return list(request.plugins.collect("content_actions", request=request, item=context.item))


def find_revision(context: ContentContext, text: str | None) -> Any:
    """The revision whose number is *text*.

    :raises HTTPNotFound: where *text* is no number, or the item never had that version.
    """
    revision = context.service.revision(context.item, version_number(text))
    if revision is None:
        raise HTTPNotFound()
    return revision


def version_number(text: Any) -> int:
    """The number of a version, and 0, which no item has, for what cannot be one."""
    is_number = isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if is_number else 0
