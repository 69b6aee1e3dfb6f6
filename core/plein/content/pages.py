"""The pages that every content type has. A feature adds its own to all types with ``config.add_item_pages(…)``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pyramid.config import Configurator
from pyramid.request import Request

from plein.content.contexts import TYPE_PAGES, item_factory, type_factory
from plein.contributions import ContentType
from plein.web.request import look_first


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of every type, or of every item.

    :param name: the last part of its route: ``wiki.page.history``.
    :param address: what comes behind that of the item, or of the type: ``/history``, ``/-/recent``.
    :param view: called with the context (ContentContext, or TypeContext) and the request.
    :param permission: the last word of one of the type's own permissions: view, create, edit, delete or move.
    :param methods: the methods that it answers.
    :param template: of the page; a name without a colon is one of core's that a type may replace. ``None`` where the
        view answers by itself.
    :param looks_first: whether its view works for long before it writes, or writes nothing but aside; see
        ``web.request.look_first``.
    :param takes_files: whether what is sent to it may be as large as a file.
    :param of: ``item`` for a page of one item, ``type`` for one of the type in a space.
    """

    name: str
    address: str
    view: Callable[..., Any]
    permission: str
    methods: tuple[str, ...] = ("GET",)
    template: str | None = None
    of: Literal["item", "type"] = "item"
    looks_first: bool = False
    takes_files: bool = False

    def renderer(self, content_type: ContentType) -> str | None:
        """The template for *content_type*."""
        if self.template is None or ":" in self.template:
            return self.template
        return content_type.templates.get(self.template, f"plein:templates/content/{self.template}.pt")


def add_item_pages(config: Configurator, *pages: ItemPage) -> None:
    """The directive ``config.add_item_pages``: gives each content type a route and a view for each page."""
    for page in pages:
        if page.of == "type":
            config.registry.setdefault(TYPE_PAGES, set()).add(page.name)
        for content_type in config.registry["plein.plugins"].content_types.values():
            _add(config, content_type, page)


def _add(config: Configurator, content_type: ContentType, page: ItemPage) -> None:
    root = "/spaces/{space}/" + content_type.path + ("/{slug}" if page.of == "item" else "")
    factory: Callable[[Request], Any] = (item_factory if page.of == "item" else type_factory)(content_type)
    if page.looks_first:
        factory = _looking(factory)
    route = f"{content_type.name}.{page.name}"
    if page.takes_files:
        config.takes_files(route)
    config.add_route(route, root + page.address, factory=factory)
    config.add_view(
        page.view,
        route_name=route,
        permission=f"{content_type.name}.{page.permission}",
        request_method=page.methods,
        renderer=page.renderer(content_type),
    )


def _looking(factory: Callable[[Request], Any]) -> Callable[[Request], Any]:
    def look(request: Request) -> Any:
        look_first(request)
        return factory(request)

    return look


def includeme(config: Configurator) -> None:
    config.add_directive("add_item_pages", add_item_pages)
