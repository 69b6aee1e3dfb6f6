"""Files in a local folder: ``ab/cd/abcd…``."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from plein.blobs.errors import no_room
from plein.blobs.protocol import CHUNK, Stored, place

_NEW = ".new-"


class LocalBlobStore:
    """A store in the folder *root*."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def put(self, source: BinaryIO) -> tuple[str, int]:
        with no_room():
            return self._put(source)

    def _put(self, source: BinaryIO) -> tuple[str, int]:
        self.root.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        descriptor, temporary = tempfile.mkstemp(dir=self.root, prefix=_NEW)
        try:
            with os.fdopen(descriptor, "wb") as target:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            final = self.path(digest.hexdigest())
            final.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                os.replace(temporary, final)
            _sync_folder(final.parent)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest.hexdigest(), size

    def open(self, digest: str, start: int = 0, length: int | None = None) -> BinaryIO:
        file = self.path(digest).open("rb")
        file.seek(start)
        return file

    def find(self, digest: str) -> Stored | None:
        try:
            found = self.path(digest).stat()
        except FileNotFoundError:
            return None
        return Stored(digest, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def delete(self, digest: str, *, unless_since: datetime | None = None) -> bool:
        # Locked: whoever stores the same bytes at this moment must find them there afterwards.
        with self._locked():
            found = self.find(digest)
            if found is None or (unless_since is not None and found.modified >= unless_since):
                return found is None
            self.path(digest).unlink(missing_ok=True)
        return True

    def __iter__(self) -> Iterator[Stored]:
        for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            try:
                found = self.find(path.name)
            except ValueError:
                continue
            if found is not None:
                yield found

    def signed_url(self, digest: str, seconds: int, filename: str) -> str | None:
        return None

    def sweep(self, before: datetime) -> int:
        number = 0
        for path in self.root.glob(f"{_NEW}*"):
            try:
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                    path.unlink()
                    number += 1
            except FileNotFoundError:
                continue
        return number

    def path(self, digest: str) -> Path:
        """Where *digest* is kept, whether or not it exists.

        :raises ValueError: for what is no SHA-256.
        """
        return self.root / place(digest)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, not only the bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
