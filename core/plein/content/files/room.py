"""How much room files take, and whether there is some left: for the whole site, and for one space."""

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from plein.content.files.models import AttachmentVersion
from plein.content.files.receiving import FileRefused, Received
from plein.content.models import Attachment, Content
from plein.db import db_unguarded
from plein.web.sniffing import clean_name


def require(
    engine: Engine,
    settings: Mapping[str, Any],
    space_id: int,
    name: str,
    source: BinaryIO,
    before: Sequence[Received] = (),
) -> None:
    """Refuse a file for which there is no room any more. What was replaced or removed counts: it is still kept.

    :param before: what the same request added already.
    :raises FileRefused: ``no-room-space`` or ``no-room-site``.
    """
    of_space, of_site = settings["plein.files_space_mb"] << 20, settings["plein.files_site_gb"] << 30
    if not of_space and not of_site:
        return
    size = source.seek(0, 2) + sum(one.size for one in before)
    source.seek(0)
    # Whoever adds a file may not see all that others added.
    with db_unguarded(engine, reason="how much room files take") as db:
        if of_space and used(db, space_id) + size > of_space:
            raise FileRefused("no-room-space", clean_name(name))
        if of_site and used(db) + size > of_site:
            raise FileRefused("no-room-site", clean_name(name))


def used(db: Session, space_id: int | None = None) -> int:
    """The bytes that files and their earlier versions take, in a space or everywhere."""
    total = 0
    for model in (Attachment, AttachmentVersion):
        asked: Any = select(func.coalesce(func.sum(model.size), 0))
        if space_id is not None:
            asked = asked.join(Content, Content.id == model.content_id).where(Content.space_id == space_id)
        total += int(db.scalar(asked) or 0)
    return total
