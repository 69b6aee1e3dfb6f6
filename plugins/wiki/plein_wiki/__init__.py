"""The wiki: pages that everybody in a space can write, in a tree. What is not about the tree, core gives."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.orm import Session

from plein.api import Action, Block, ContentType, Setting, hookimpl, listing, translation_factory
from plein_wiki.models import WikiPage
from plein_wiki.services import WikiService, places

_ = translation_factory("plein_wiki")

title = _("Wiki")
summary = _("Pages that everybody in a space can write, in a tree, with their whole history")

PAGE = ContentType(
    name="wiki.page",
    title=_("Page"),
    plural=_("Pages"),
    path="wiki",
    model=WikiPage,
    icon="file-text",
    service=WikiService,
    templates={"embed": "plein_wiki:templates/embed.pt"},
)


@hookimpl
def register_content_types() -> list[ContentType]:
    return [PAGE]


@hookimpl
def register_settings() -> list[Setting]:
    return [
        Setting(
            "wiki.recent_pages",
            int,
            5,
            "How many pages the home page of a space shows, those that changed last; 0 for none.",
            minimum=0,
            maximum=20,
            on_page=True,
            title=_("Pages on the home page of a space"),
            hint=_("Those that changed last. 0 shows none of them."),
        )
    ]


@hookimpl
def content_actions(request: Request, item: Any) -> list[Action]:
    if item.type != PAGE.name or not request.has_permission("wiki.page.move"):
        return []
    address = request.route_path("wiki.place", space=request.context.space.slug, slug=item.slug)
    return [Action(_("Place in the tree"), address, icon="list-tree")]


@hookimpl
def page_items(request: Request, slot: str, context: Any) -> list[Block]:
    size = request.plein["wiki.recent_pages"] if slot == "space.main" else 0
    if not size or not request.has_permission("wiki.page.view", context):
        return []
    rows = listing(request.db, space=context.space, type_name=PAGE.name, size=size).rows
    place = {"space": context.space.slug}
    return [
        Block(
            PAGE.plural,
            "plein_wiki:templates/block.pt",
            {"rows": rows, "all": request.route_path("wiki.page.list", **place), "place": place},
        )
    ]


@hookimpl
def on_user_exported(db: Session, export: Any) -> None:
    export.add("wiki_place", _("Where your pages stand in the wiki"), places(db, export.user_id))


def includeme(config: Configurator) -> None:
    config.include("plein_wiki.views")
