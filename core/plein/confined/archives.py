"""Zip files, looked at before anything in them is read: how many parts, how large, how tightly packed, what names."""

import stat
import zipfile
from typing import BinaryIO

MOST_PARTS = 5_000
MOST_BYTES = 200 << 20
#: A document of words hardly ever reaches a tenth of this.
MOST_RATIO = 100
#: Below this size the ratio says nothing: a sheet of empty cells packs well.
SMALL = 1 << 20


class Refused(ValueError):
    """:ivar reason: ``bomb`` or ``broken``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def opened(file: BinaryIO) -> zipfile.ZipFile:
    """*file* as an archive that may be read.

    :raises Refused: ``bomb`` for too much in too little, ``broken`` for what is no archive or tries to lead elsewhere.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused("broken") from error
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > MOST_PARTS or total > MOST_BYTES:
        raise Refused("bomb")
    if total > SMALL and total > MOST_RATIO * max(1, packed):
        raise Refused("bomb")
    for part in parts:
        if part.file_size > SMALL and part.file_size > MOST_RATIO * max(1, part.compress_size):
            raise Refused("bomb")
        if _leads_elsewhere(part):
            raise Refused("broken")
    return archive


def _leads_elsewhere(part: zipfile.ZipInfo) -> bool:
    name = part.filename.replace("\\", "/")
    is_link = stat.S_ISLNK(part.external_attr >> 16)
    return is_link or name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0] or "\0" in name


class Part:
    """A part of an archive that is read no further than its entry says: that may lie."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._file = archive.open(name)
        self._left = archive.getinfo(name).file_size

    def read(self, size: int = -1) -> bytes:
        """At most *size* bytes.

        :raises Refused: ``bomb`` where more comes than was announced.
        """
        piece = self._file.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise Refused("bomb")
        return piece

    def close(self) -> None:
        self._file.close()
