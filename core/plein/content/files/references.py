"""The files that a text may show or lead to, by name: those of the item, or what its writer holds for a new one."""

from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.files.models import HeldFile
from plein.content.models import Attachment, Content
from plein.db.session import VIEWER
from plein.web.markup import FileRef

#: Pixels in width. A page is at most some 740 pixels wide; sharp screens ask for twice that.
WIDTHS = (320, 640, 1280, 1920)


def references(db: Session, item: Content) -> dict[str, FileRef]:
    """The files of *item*, for rendering. One statement."""
    number: int | None = item.id
    model: Any = Attachment if number is not None else HeldFile
    found = select(model.uid, model.name, model.media_type, model.width, model.height, model.alt).where(
        model.scan_state != "infected"
    )
    if number is not None:
        found = found.where(Attachment.content_id == number)
    else:
        user_id = getattr(db.info.get(VIEWER), "user_id", None)
        found = found.where(HeldFile.user_id == user_id, HeldFile.space_id == item.space.id, HeldFile.type == item.type)
    return {row.name: _reference(row) for row in db.execute(found)}


def _reference(row: Any) -> FileRef:
    name = quote(row.name)
    # Of an animation there are no smaller ones.
    widths = WIDTHS if row.width is not None and row.media_type != "image/gif" else ()
    return FileRef(
        url=f"/files/{row.uid}/{name}",
        width=row.width,
        height=row.height,
        is_image=row.width is not None,
        alt=row.alt or "",
        sizes=tuple((width, f"/files/{row.uid}/{width}/{name}") for width in widths if width < row.width),
    )
