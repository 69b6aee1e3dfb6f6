"""Search: finds what the viewer may see, the same on both databases."""

from pyramid.config import Configurator
from sqlalchemy.orm import Session

from plein.contributions import ContentChange
from plein.hookspecs import hookimpl
from plein.search.index import index as index_item
from plein.search.index import remove


@hookimpl
def on_content_changed(db: Session, change: ContentChange) -> None:
    """What is saved is found at once: the index is written in the same transaction."""
    if change.action in ("deleted", "trashed"):
        remove(db, change.item)
    else:
        index_item(db, change.item)


def includeme(config: Configurator) -> None:
    config.add_route("search", "/search")
    config.scan("plein.search.views")
