"""Photos of people: made anew in a few small sizes, never the bytes that came in, stored by what they are."""

import shutil
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plein.audit import record
from plein.blobs import BlobStore, no_room
from plein.confined.refusals import PictureRefused
from plein.confined.running import Confined, run
from plein.people.models import User
from plein.people.profile_models import Photo
from plein.people.seeing import may_meet
from plein.security.viewer import Viewer
from plein.web.sniffing import RASTER, media_type

#: Pixels: beside a name, in a card, on the profile; each twice as large as it is shown, for sharp screens.
SIZES = (64, 128, 384)
MEDIA_TYPE = "image/webp"
#: What reading a photo of 40 megapixels may take.
_MEMORY_MB = 1_536
#: Hexadecimal digits of the version in an address: enough that no two photos of a person share it.
VERSION_LENGTH = 16


def read_photo(source: BinaryIO, *, max_megapixels: int) -> Mapping[int, BinaryIO]:
    """The sizes of the picture in *source*. Takes a second for a large one: before any transaction that writes.

    :raises PictureRefused: for what is no picture, or one with too many pixels.
    """
    found = media_type(source)
    if found not in RASTER:
        raise PictureRefused("broken")
    with tempfile.TemporaryDirectory(prefix="plein-") as folder, no_room():
        sent = Path(folder) / "sent"
        with sent.open("wb") as copy:
            shutil.copyfileobj(source, copy)
        values = {"source": str(sent), "folder": folder, "media_type": found, "sizes": list(SIZES)}
        try:
            run("squares", {**values, "max_megapixels": max_megapixels}, seconds=60, memory_mb=_MEMORY_MB)
        except Confined as refused:
            reason = "broken" if refused.reason == "broken" else "too-large"
            raise PictureRefused(reason, megapixels=float(refused.details.get("megapixels", 0))) from refused
        return {size: BytesIO((Path(folder) / str(size)).read_bytes()) for size in SIZES}


class PhotoService:
    """Taking, removing and finding photos. Never commits.

    :param manages: the viewer manages people, and so sees those whose account is suspended too.
    """

    def __init__(self, db: Session, viewer: Viewer, *, manages: bool = False) -> None:
        self.db = db
        self.viewer = viewer
        self.manages = manages

    def take(self, user: User, made: Mapping[int, BinaryIO], blobs: BlobStore) -> None:
        """Make *made*, from :func:`read_photo`, the photo of *user*."""
        digests = {size: blobs.put(picture)[0] for size, picture in made.items()}
        self._forget(user)
        self.db.add_all(Photo(user_id=user.id, size=size, digest=digest) for size, digest in digests.items())
        user.photo = digests[max(SIZES)][:VERSION_LENGTH]
        self.db.flush()
        record(self.db, "profile.photo_changed", "user", user.id)

    def remove(self, user: User) -> None:
        """Take the photo away; nobody is sent it any more."""
        self._forget(user)
        user.photo = ""
        self.db.flush()
        record(self.db, "profile.photo_removed", "user", user.id)

    def find(self, user_id: int, version: str, size: int) -> str | None:
        """The digest of a photo, if it is still the person's and the viewer may meet them. One statement."""
        seen = [] if self.manages else [may_meet(User, self.viewer) | (User.id == self.viewer.user_id)]
        found: Any = (
            select(Photo.digest)
            .join(User, User.id == Photo.user_id)
            .where(User.id == user_id, User.photo == version, Photo.size == size, *seen)
        )
        return self.db.scalar(found)

    def _forget(self, user: User) -> None:
        self.db.execute(delete(Photo).where(Photo.user_id == user.id))
