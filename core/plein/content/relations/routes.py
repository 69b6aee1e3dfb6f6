"""Addresses of relations."""

from pyramid.config import Configurator

from plein.content.pages import ItemPage
from plein.content.relations import views
from plein.spaces.contexts import SpaceContext

PAGES = (ItemPage("also", "/also", views.also, "edit", ("GET", "POST"), template="plein:templates/relations/also.pt"),)


def includeme(config: Configurator) -> None:
    config.add_item_pages(*PAGES)
    config.add_route("relations.suggest", "/relations/-/suggest")
    config.add_route("space.broken", "/spaces/{space}/-/broken-links", factory=SpaceContext)
    config.scan("plein.content.relations.views")
    config.scan("plein.content.relations.broken_views")
