"""Search: finds what the viewer may see, the same on both databases."""

from pyramid.config import Configurator
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.contributions import ContentChange, ErasedPerson
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


@hookimpl
def on_user_erased(db: Session, person: ErasedPerson) -> None:
    """Texts in which the name was replaced are found by the name that is left, and not by the old one."""
    named = select(Content).where(Content.text.contains(f"@{person.pseudonym}", autoescape=True))
    for item in db.scalars(named.where(Content.state != "trashed")):
        index_item(db, item)


def includeme(config: Configurator) -> None:
    config.add_route("search", "/search")
    config.scan("plein.search.views")
