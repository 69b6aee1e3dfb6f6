"""On the page of a person: what they wrote last, as far as whoever looks may read it. The guard sees to that."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.contributions import Block
from plein.spaces.models import Space
from plein.web.i18n import _

SHOWN = 6


def written_by(db: Session, user_id: int, types: Collection[str]) -> Sequence[Any]:
    """Published items of a person, last changed first: type, slug, title, updated_at, space, space_name.

    :param types: names of the types that have pages.
    """
    found = (
        select(
            Content.type,
            Content.slug,
            Content.title,
            Content.updated_at,
            Space.slug.label("space"),
            Space.name.label("space_name"),
        )
        .join(Space, Space.id == Content.space_id)
        .where(Content.author_id == user_id, Content.state == "published", Content.type.in_(list(types)))
        .order_by(Content.updated_at.desc(), Content.id.desc())
    )
    return db.execute(found.limit(SHOWN)).all()


def blocks(db: Session, user_id: int, types: Any) -> list[Block]:
    """:param types: the declared content types by name."""
    found = written_by(db, user_id, types)
    template = "plein:templates/content/of_person.pt"
    return [Block(_("Written lately"), template, {"rows": found, "types": types}, weight=20)] if found else []
