"""Files of an item: stored by their content, typed by their bytes, seen by who sees the item."""

from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from plein.content.blobs import LocalBlobStore
from plein.content.living import require_living
from plein.content.models import Attachment, Content
from plein.db import utcnow
from plein.security.viewer import Viewer
from plein.spaces.models import Space
from plein.web.pictures import PictureRefused, reencode
from plein.web.sniffing import RASTER, clean_name, media_type


class FileRefused(ValueError):
    """A file that is not taken. ``reason`` is ``empty``, ``broken`` (said to be a picture and is none) or
    ``too-large`` (pixels)."""

    def __init__(self, reason: str, name: str, *, megapixels: float = 0.0) -> None:
        super().__init__(f"{name}: {reason}")
        self.reason = reason
        self.name = name
        self.megapixels = megapixels


_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


@dataclass(slots=True)
class AttachmentService:
    """Taking in and finding files."""

    db: Session
    viewer: Viewer
    blobs: LocalBlobStore
    max_megapixels: int = 40

    def attach(self, item: Content, name: str, source: BinaryIO) -> Attachment:
        """Store *source* as a file of *item*. A file of that name is replaced.

        The item's HTML may refer to it: render the item again afterwards.

        :raises FileRefused: for an empty file, a picture that is none, or one with too many pixels.
        :raises SpaceArchived: where the item's space is only read.
        """
        require_living(self.db.get(Space, item.space_id))
        name = clean_name(name)
        found = media_type(source)
        if found == "inode/x-empty":
            raise FileRefused("empty", name)
        if name.lower().endswith(_PICTURE_SUFFIXES) and found not in RASTER:
            raise FileRefused("broken", name)
        width = height = None
        if found in RASTER:
            try:
                picture = reencode(source, found, max_megapixels=self.max_megapixels)
            except PictureRefused as refused:
                raise FileRefused(refused.reason, name, megapixels=refused.megapixels) from refused
            source, width, height = picture.file, picture.width, picture.height
        digest, size = self.blobs.put(source)
        attachment = self._find(item, name)
        if attachment is None:
            attachment = Attachment(content_id=item.id, name=name)
            self.db.add(attachment)
        attachment.media_type, attachment.size, attachment.digest = found, size, digest
        attachment.width, attachment.height = width, height
        attachment.created_by_id, attachment.created_at = self.viewer.user_id, utcnow()
        self.db.flush()
        return attachment

    def detach(self, item: Content, uid: str) -> bool:
        """Take the file *uid* from *item*. Its bytes stay until nothing refers to them."""
        require_living(self.db.get(Space, item.space_id))
        attachment = self.db.scalars(
            select(Attachment).where(Attachment.content_id == item.id, Attachment.uid == uid)
        ).one_or_none()
        if attachment is None:
            return False
        self.db.delete(attachment)
        self.db.flush()
        return True

    def find(self, uid: str) -> Row[*tuple[Any, ...]] | None:
        """What is needed to send the file *uid*, if the viewer may see its item."""
        return self.db.execute(
            select(Attachment.name, Attachment.media_type, Attachment.size, Attachment.digest, Attachment.width).where(
                Attachment.uid == uid
            )
        ).one_or_none()

    def _find(self, item: Content, name: str) -> Attachment | None:
        return self.db.scalars(
            select(Attachment).where(Attachment.content_id == item.id, Attachment.name == name)
        ).one_or_none()
