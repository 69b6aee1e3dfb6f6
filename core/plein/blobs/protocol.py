"""What a store can do, whichever it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

#: What a column says of itself that names a stored file: ``mapped_column(info=FILE_DIGEST)``. What such columns name is
#: kept; other files are thrown away after a while.
FILE_DIGEST = {"plein_file": True}

#: Bytes that are read at once.
CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as the store has it. :param modified: when it was stored last, in UTC."""

    digest: str
    size: int
    modified: datetime


class BlobStore(Protocol):
    """Keeps bytes under their digest: the SHA-256, hexadecimal. Each method may raise :class:`BlobsAway`."""

    def put(self, source: BinaryIO) -> tuple[str, int]:
        """Store what *source*, which can be sought in, holds from where it stands. Storing again renews its moment.

        :return: the digest and the size in bytes.
        :raises NoRoom: where it does not fit; nothing is left of it then.
        """

    def open(self, digest: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """The bytes under *digest*, from *start*; at least *length* of them can be read.

        :raises FileNotFoundError: where there are none.
        """

    def find(self, digest: str) -> Stored | None:
        """What is known of *digest*; ``None`` where it is not there."""

    def delete(self, digest: str, *, unless_since: datetime | None = None) -> bool:
        """Throw *digest* away, unless it was stored again since that moment. Says whether it is gone."""

    def __iter__(self) -> Iterator[Stored]:
        """Everything in the store, in no order."""

    def signed_url(self, digest: str, seconds: int, filename: str) -> str | None:
        """An address at which anybody can download *digest* as *filename* for so long; ``None`` where there is none."""

    def sweep(self, before: datetime) -> int:
        """Throw away what was half stored before that moment, by processes that died. Says how many."""


def checked(digest: str) -> str:
    """*digest*, where it is one.

    :raises ValueError: for what is no SHA-256.
    """
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256 digest")
    return digest


def place(digest: str) -> str:
    """Where *digest* is kept below the root of a store: ``ab/cd/abcd…``."""
    return f"{checked(digest)[:2]}/{digest[2:4]}/{digest}"
