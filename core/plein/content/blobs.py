"""Files by their content: the same bytes are stored once, under their SHA-256.

A file is complete and on disk before any row names it. What a rolled-back transaction leaves behind is a file
without a row: harmless, and findable.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 18


class LocalBlobStore:
    """Files in a local folder: ``ab/cd/abcd…``."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def put(self, source: BinaryIO) -> tuple[str, int]:
        """Store what *source* holds from where it stands.

        :return: the digest (SHA-256, hexadecimal) and the size in bytes.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        descriptor, temporary = tempfile.mkstemp(dir=self.root, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as target:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            final = self.path(digest.hexdigest())
            final.parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary, final)
            _sync_folder(final.parent)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest.hexdigest(), size

    def open(self, digest: str) -> BinaryIO:
        """The bytes stored under *digest*.

        :raises FileNotFoundError: where there are none.
        """
        return self.path(digest).open("rb")

    def path(self, digest: str) -> Path:
        """Where *digest* is kept, whether or not it exists.

        :raises ValueError: for what is no SHA-256.
        """
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise ValueError("not a SHA-256 digest")
        return self.root / digest[:2] / digest[2:4] / digest


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, not only the bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
