"""Items by their addresses: what a text names by space, type and slug, as far as the viewer may see it."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from plein.content.models import Content, ContentRedirect
from plein.spaces.models import Space, SpaceRedirect

Address = tuple[str, str, str]

#: Signs of an item's HTML, and of its text, that are shown inside another one.
HTML_LIMIT, TEXT_LIMIT = 12_000, 400


def find_addressed(db: Session, asked: Collection[Address], *, brief: bool = False) -> list[Any]:
    """The items at *asked* (space, type, slug), now or before they or their space were renamed or moved. One statement.

    Each row has ``asked_space`` and ``asked_slug``, and unless *brief* what is needed to show the item.
    """
    if not asked:
        return []
    wanted, named = list(asked), {one[0] for one in asked}
    places = union_all(
        select(Space.id, Space.slug).where(Space.slug.in_(named)),
        select(SpaceRedirect.space_id, SpaceRedirect.slug).where(SpaceRedirect.slug.in_(named)),
    )
    space, here, there = aliased(Space), places.subquery().c, places.subquery().c
    now = (
        _columns(Content, space, here.slug, Content.slug, brief)
        .join(here.id.table, here.id == Content.space_id)
        .join(space, space.id == Content.space_id)
    )
    item = aliased(Content)
    before = (
        _columns(item, space, there.slug, ContentRedirect.slug, brief)
        .join(ContentRedirect, ContentRedirect.content_id == item.id)
        .join(there.id.table, there.id == ContentRedirect.space_id)
        .join(space, space.id == item.space_id)
    )
    return list(
        db.execute(
            union_all(
                now.where(tuple_(here.slug, Content.type, Content.slug).in_(wanted), Content.state != "trashed"),
                before.where(tuple_(there.slug, item.type, ContentRedirect.slug).in_(wanted), item.state != "trashed"),
            )
        )
    )


def _columns(item: Any, space: Any, asked_space: Any, asked_slug: Any, brief: bool) -> Select[Any]:
    found = [asked_space.label("asked_space"), item.type.label("type"), asked_slug.label("asked_slug")]
    if not brief:
        found += [
            item.id,
            item.slug,
            item.title,
            item.language,
            item.state,
            item.updated_at,
            space.slug.label("space"),
            space.name.label("space_name"),
            func.substr(item.text, 1, TEXT_LIMIT + 1).label("text"),
            func.substr(item.html, 1, HTML_LIMIT + 1).label("html"),
        ]
    return select(*found).select_from(item)
