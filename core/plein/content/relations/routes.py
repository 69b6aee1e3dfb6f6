"""Addresses of relations."""

from pyramid.config import Configurator

from plein.content.pages import ItemPage
from plein.content.relations import views

PAGES = (ItemPage("also", "/also", views.also, "edit", ("GET", "POST"), template="plein:templates/relations/also.pt"),)


def includeme(config: Configurator) -> None:
    config.add_item_pages(*PAGES)
    config.add_route("relations.suggest", "/relations/-/suggest")
    config.scan("plein.content.relations.views")
