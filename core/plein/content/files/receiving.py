"""Taking in a file: looked at, searched for viruses, made anew where it is a picture, and stored.

All that is slow, and nothing of it in the database: before any transaction that writes.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from plein.blobs import BlobStore, no_room
from plein.blobs.protocol import CHUNK
from plein.confined.running import Confined, run
from plein.content.files.scanning import Scanner, ScannerAway
from plein.web.sniffing import RASTER, clean_name, media_type

_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
#: What making a picture anew may take. 40 megapixels in four colours are 160 MB, and there are a few of them at once.
_SECONDS, _MEMORY_MB = 60, 1_536


class FileRefused(ValueError):
    """A file that is not taken. ``reason`` is ``empty``, ``broken`` (said to be a picture and is none), ``too-large``
    (pixels), ``too-heavy`` (bytes), ``unsearched`` (the scanner is away), ``no-room-site`` or ``no-room-space``."""

    def __init__(self, reason: str, name: str, *, megapixels: float = 0.0) -> None:
        super().__init__(f"{name}: {reason}")
        self.reason = reason
        self.name = name
        self.megapixels = megapixels


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is stored and belongs to nothing yet."""

    name: str
    media_type: str
    size: int
    digest: str
    width: int | None
    height: int | None
    scan_state: str
    scan_found: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """
    :param max_mb: the largest file, in MB.
    :param max_megapixels: the largest picture, in millions of pixels.
    """

    blobs: BlobStore
    scanner: Scanner
    max_mb: int = 100
    max_megapixels: int = 40

    def receive(self, name: str, source: BinaryIO) -> Received:
        """Take in *source*, which can be sought in.

        :raises FileRefused: with the reason.
        :raises NoRoom: where the store is full.
        :raises BlobsAway: where it does not answer.
        """
        name = clean_name(name)
        found = media_type(source)
        self._check(name, source, found)
        try:
            state, virus = self.scanner.verdict(source)
        except ScannerAway as error:
            raise FileRefused("unsearched", name) from error
        width = height = None
        if found in RASTER and state != "infected":
            with tempfile.TemporaryDirectory(prefix="plein-") as folder:
                made, width, height = self._made_anew(name, source, found, Path(folder))
                with made.open("rb") as file:
                    digest, size = self.blobs.put(file)
        else:
            digest, size = self.blobs.put(source)
        return Received(name, found, size, digest, width, height, state, virus)

    def _check(self, name: str, source: BinaryIO, found: str) -> None:
        if found == "inode/x-empty":
            raise FileRefused("empty", name)
        if source.seek(0, 2) > self.max_mb << 20:
            raise FileRefused("too-heavy", name)
        source.seek(0)
        if name.lower().endswith(_PICTURE_SUFFIXES) and found not in RASTER:
            raise FileRefused("broken", name)

    def _made_anew(self, name: str, source: BinaryIO, found: str, folder: Path) -> tuple[Path, int, int]:
        with no_room():
            copy(source, folder / "sent")
        values = {"source": str(folder / "sent"), "target": str(folder / "made"), "media_type": found}
        try:
            answer = run(
                "reencode",
                {**values, "max_megapixels": self.max_megapixels},
                seconds=_SECONDS,
                memory_mb=_MEMORY_MB,
            )
        except Confined as refused:
            raise _refusal(name, refused) from refused
        return folder / "made", int(answer["width"]), int(answer["height"])


def _refusal(name: str, refused: Confined) -> FileRefused:
    reason = "broken" if refused.reason == "broken" else "too-large"
    return FileRefused(reason, name, megapixels=float(refused.details.get("megapixels", 0)))


def copy(source: BinaryIO, target: Path) -> None:
    """Write what *source* holds from its beginning to *target*, piece by piece."""
    if source.seekable():
        source.seek(0)
    with target.open("wb") as file:
        while piece := source.read(CHUNK):
            file.write(piece)


def make_receiver(settings: Mapping[str, Any], blobs: BlobStore) -> Receiver:
    """What takes in files as the settings say."""
    return Receiver(
        blobs,
        Scanner(settings["plein.clamav_socket"], settings["plein.clamav_required"]),
        max_mb=settings["plein.max_upload_mb"],
        max_megapixels=settings["plein.max_image_megapixels"],
    )
