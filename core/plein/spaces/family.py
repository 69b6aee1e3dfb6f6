"""A space below another: a label for finding one's way, and nothing more. No right comes with it, up or down.

Each page shows of the family what the viewer may know of: a hidden parent is not named on its child's pages, and
neither is what lies above it.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.security.viewer import Viewer
from plein.spaces.belonging import ancestors
from plein.spaces.contexts import standings
from plein.spaces.deciding import require
from plein.spaces.errors import SpaceError
from plein.spaces.models import Space
from plein.spaces.permissions import MANAGE
from plein.web.i18n import _

#: More than this are not listed under a parent.
LISTED = 50


@dataclass(frozen=True, slots=True)
class Relative:
    """A space in the family, as a link shows it."""

    slug: str
    name: str
    is_archived: bool = False


class Family:
    """The spaces around *space*, as far as *viewer* may know of them."""

    def __init__(self, db: Session, viewer: Viewer, space: Space) -> None:
        self.db = db
        self.viewer = viewer
        self.space = space

    def above(self) -> list[Relative]:
        """The way from the top to the space, without the space itself; it begins below what the viewer may not know."""
        if self.space.parent_id is None:
            return []
        up = ancestors(self.space.id)
        rows = self.db.execute(
            select(Space.slug, Space.name, up.c.steps).join(up, up.c.id == Space.id).order_by(up.c.steps)
        ).all()
        seen = [row for place, row in enumerate(rows, start=1) if row.steps == place]
        return [Relative(row.slug, row.name) for row in reversed(seen)]

    def below(self) -> list[Relative]:
        """The spaces right below, by name."""
        rows = self.db.execute(
            select(Space.slug, Space.name, Space.archived_at)
            .where(Space.parent_id == self.space.id)
            .order_by(Space.name, Space.id)
            .limit(LISTED)
        )
        return [Relative(slug, name, archived_at is not None) for slug, name, archived_at in rows]

    def parent(self) -> str:
        """The address of the space above, empty where there is none or the viewer may not know of it."""
        return self.db.scalar(select(Space.slug).where(Space.id == self.space.parent_id)) or ""

    def choices(self) -> list[Relative]:
        """Spaces that this one may come below: all that the viewer may know of."""
        return choices(self.db, self.viewer, self.space)

    def place_below(self, slug: str) -> bool:
        """Put the space below the one with address *slug*; empty for below none.

        A parent that the viewer may not know of is left alone: their form could not show it.

        :return: whether anything changed.
        :raises NotAllowed: for who may not change the settings.
        :raises SpaceError: for a space that is unknown, or lies below this one.
        """
        require(self.db, self.viewer, self.space, MANAGE)
        if slug == self.parent():
            return False
        above = find_parent(self.db, slug)
        if above is not None:
            # Both rows are locked, so that two spaces cannot be put below one another at once.
            self.db.execute(
                select(Space.id).where(Space.id.in_([above, self.space.id])).order_by(Space.id).with_for_update()
            )
            up = ancestors(above)
            if above == self.space.id or self.space.id in self.db.scalars(select(up.c.id)).all():
                raise SpaceError(_("A space cannot come below itself. Choose another one."), "parent")
        self.space.parent_id = above
        self.db.flush()
        record(self.db, "space.placed", "space", self.space.id, parent=above)
        return True


def find_parent(db: Session, slug: str) -> int | None:
    """The id of the space that is meant as parent, as far as the session's viewer may know of it; ``None`` for none.

    :raises SpaceError: where there is no such space.
    """
    if not slug:
        return None
    found = db.scalar(select(Space.id).where(Space.slug == slug))
    if found is None:
        raise SpaceError(_("Choose a space from the list."), "parent")
    return found


def choices(db: Session, viewer: Viewer, space: Space | None = None) -> list[Relative]:
    """Spaces that *space*, or a new one, may come below, by name."""
    found = standings(db, viewer, Space.archived_at.is_(None))
    return [Relative(one.space.slug, one.space.name) for one in found if space is None or one.space.id != space.id]
