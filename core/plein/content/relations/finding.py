"""Finding an item that somebody means: by its title while they type, by its whole title, or by its address."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.content.reading import AnyRow
from plein.content.titles import clean_title, sort_title
from plein.spaces.models import Space
from plein.web.i18n import _

SUGGESTED = 8
_ADDRESS = re.compile(r"/spaces/([^/]+)/([^/]+)/([^/]+)/?$")
_READABLE = ("published", "archived")


class NoSuchItem(ValueError):
    """Nothing, or more than one thing, is meant. ``sentence`` says so."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def suggest(db: Session, text: str, limit: int = SUGGESTED) -> list[AnyRow]:
    """Items in whose title a word begins as *text*, whose title begins so first. One statement."""
    typed = sort_title(clean_title(text))
    if not typed:
        return []
    first = Content.sort_title.startswith(typed, autoescape=True)
    return list(
        db.execute(
            select(Content.title, Content.type, Content.slug, Space.slug.label("space"), Space.name.label("space_name"))
            .join(Space, Space.id == Content.space_id)
            .where(Content.state.in_(_READABLE), first | Content.sort_title.contains(f" {typed}", autoescape=True))
            .order_by(first.desc(), Content.sort_title, Content.id)
            .limit(limit)
        ).all()
    )


def find(db: Session, text: str, types: Mapping[str, Any]) -> Content:
    """The item that *text* means: the address of its page, or its title where only one is called so. One statement.

    :param types: all content types, by name.
    :raises NoSuchItem: with a sentence. What the viewer may not see is not there.
    """
    wanted = select(Content).where(Content.state.in_(_READABLE))
    address = _ADDRESS.search(unquote(_path(text.strip())))
    if address is not None:
        names = [one.name for one in types.values() if one.path == address[2]]
        wanted = wanted.join(Space, Space.id == Content.space_id).where(
            Space.slug == address[1], Content.type.in_(names), Content.slug == address[3]
        )
    else:
        wanted = wanted.where(Content.sort_title == sort_title(clean_title(text)))
    found = db.scalars(wanted.limit(2)).all()
    if not found:
        raise NoSuchItem(_("There is nothing here called “${title}”.", mapping={"title": clean_title(text)[:60]}))
    if len(found) > 1:
        raise NoSuchItem(_("More than one page is called so. Give the address of the one you mean."))
    return found[0]


def _path(text: str) -> str:
    try:
        return urlsplit(text).path
    except ValueError:
        return ""
