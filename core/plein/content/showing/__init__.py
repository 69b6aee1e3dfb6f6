"""What is added to an item's kept HTML when somebody reads it: other items, names, explanations, boxes to tick."""

from pyramid.config import Configurator

from plein.content.pages import ItemPage
from plein.content.showing import ticks


def includeme(config: Configurator) -> None:
    config.add_item_pages(ItemPage("tick", "/tick", ticks.tick_task, "edit", ("POST",)))
