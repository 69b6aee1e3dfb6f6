"""Choosing what an item has under "see also". Who may is the views' permission; what is hidden cannot be chosen."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.models import Content, ContentLink

#: More is a page of links.
MOST = 20


class NotRelated(ValueError):
    """Why an item cannot be chosen: ``itself`` or ``many``."""


@dataclass(frozen=True, slots=True)
class AlsoService:
    """The "see also" of items."""

    db: Session

    def add(self, item: Content, other: Content, *, both: bool = False) -> bool:
        """Have *item* show *other*, and with *both* the other way round too.

        :return: whether that is new.
        :raises NotRelated: with itself, or where there are as many as fit.
        """
        if item.id == other.id:
            raise NotRelated("itself")
        added = self._put(item, other)
        return (both and self._put(other, item)) or added

    def _put(self, item: Content, other: Content) -> bool:
        mine = select(ContentLink).where(ContentLink.content_id == item.id, ContentLink.kind == "also")
        # Two who choose at once would each count too few.
        self.db.execute(select(Content.id).where(Content.id == item.id).with_for_update())
        rows = self.db.scalars(mine).all()
        if any(row.target_id == other.id for row in rows):
            return False
        if len(rows) >= MOST:
            raise NotRelated("many")
        self.db.add(
            ContentLink(
                content_id=item.id,
                kind="also",
                position=max((row.position for row in rows), default=0) + 1,
                target_space="",
                target_type=other.type,
                target_slug=other.uid,
                target_title=other.title,
                target_id=other.id,
            )
        )
        self.db.flush()
        return True

    def remove(self, item: Content, number: int) -> int | None:
        """Take away the row with that number; gives the item that it showed. What shows this one stays."""
        row = self._row(item, number)
        if row is None:
            return None
        self.db.delete(row)
        self.db.flush()
        return row.target_id

    def move(self, item: Content, number: int, step: int) -> None:
        """Put a row before (-1) or behind (1) its neighbour."""
        rows = list(
            self.db.scalars(
                select(ContentLink)
                .where(ContentLink.content_id == item.id, ContentLink.kind == "also")
                .order_by(ContentLink.position, ContentLink.id)
            )
        )
        at = next((at for at, row in enumerate(rows) if row.id == number), None)
        if at is None or not 0 <= at + step < len(rows):
            return
        rows[at], rows[at + step] = rows[at + step], rows[at]
        for position, row in enumerate(rows):
            row.position = position
        self.db.flush()

    def _row(self, item: Content, number: int) -> ContentLink | None:
        return self.db.scalar(
            select(ContentLink).where(
                ContentLink.id == number, ContentLink.content_id == item.id, ContentLink.kind == "also"
            )
        )
