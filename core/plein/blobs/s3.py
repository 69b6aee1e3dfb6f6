"""Files in a bucket of S3, or of anything that speaks its language (MinIO, Ceph, Garage), through obstore."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BufferedReader, RawIOBase
from typing import Any, BinaryIO, cast

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from plein.blobs.errors import BlobsAway, no_room
from plein.blobs.protocol import CHUNK, Stored, place
from plein.blobs.signing import signed

#: In memory at once while a file goes up: a few pieces of this size.
_PIECE = 5 << 20
#: A store that is away must not hold up whoever asks for a page.
_PATIENCE = timedelta(seconds=8)


class S3BlobStore:
    """A store in *bucket*, below *prefix*.

    :param endpoint: the address of the server; empty for Amazon's own.
    """

    def __init__(self, bucket: str, prefix: str, *, endpoint: str, region: str, key: str, secret: str) -> None:
        self.bucket, self.prefix = bucket, prefix
        self.endpoint = endpoint.rstrip("/") or f"https://s3.{region}.amazonaws.com"
        self.region, self.key, self._secret = region, key, secret
        self._made: tuple[int, S3Store] | None = None

    @property
    def _store(self) -> S3Store:
        # Made anew in each process: what obstore runs on does not survive a fork.
        if self._made is None or self._made[0] != os.getpid():
            self._made = (os.getpid(), self._make())
        return self._made[1]

    def _make(self) -> S3Store:
        return S3Store(
            self.bucket,
            prefix=self.prefix or None,
            endpoint=self.endpoint,
            region=self.region,
            access_key_id=self.key,
            secret_access_key=self._secret,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": self.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=3),
                "timeout": timedelta(seconds=60),
            },
            retry_config={"max_retries": 2, "retry_timeout": _PATIENCE},
        )

    def put(self, source: BinaryIO) -> tuple[str, int]:
        start = source.tell()
        digest, size = hashlib.sha256(), 0
        with no_room():
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
            source.seek(start)
        name = digest.hexdigest()
        with _answering():
            # A file by this name is sent again: its moment must be renewed.
            obstore.put(self._store, place(name), _pieces(source), attributes=_ATTRIBUTES, max_concurrency=2)
        return name, size

    def open(self, digest: str, start: int = 0, length: int | None = None) -> BinaryIO:
        options: Any = {}
        if start or length is not None:
            options = {"range": {"offset": start} if length is None else (start, start + max(1, length))}
        with _answering():
            found = obstore.get(self._store, place(digest), options=options)
        return cast(BinaryIO, BufferedReader(_Stream(found.stream(min_chunk_size=CHUNK)), CHUNK))

    def find(self, digest: str) -> Stored | None:
        try:
            with _answering():
                found = obstore.head(self._store, place(digest))
        except FileNotFoundError:
            return None
        return Stored(digest, found["size"], found["last_modified"])

    def delete(self, digest: str, *, unless_since: datetime | None = None) -> bool:
        found = self.find(digest)
        if found is None or (unless_since is not None and found.modified >= unless_since):
            return found is None
        with _answering():
            obstore.delete(self._store, place(digest))
        return True

    def __iter__(self) -> Iterator[Stored]:
        with _answering():
            for batch in obstore.list(self._store):
                for one in batch:
                    digest = one["path"].rpartition("/")[2]
                    if len(digest) == 64 and one["path"] == place(digest):
                        yield Stored(digest, one["size"], one["last_modified"])

    def signed_url(self, digest: str, seconds: int, filename: str) -> str | None:
        path = "/".join(part for part in (self.bucket, self.prefix, place(digest)) if part)
        return signed(
            f"{self.endpoint}/{path}",
            region=self.region,
            key=self.key,
            secret=self._secret,
            seconds=seconds,
            filename=filename,
        )

    def sweep(self, before: datetime) -> int:
        # What was half sent is no object; a rule of the bucket throws it away.
        return 0


#: Whatever is in a file: fetched from the store itself, it is only ever saved.
_ATTRIBUTES: Any = {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}


def _pieces(source: BinaryIO) -> Any:
    """What obstore may read without all of it being in memory: an empty file has to be given as bytes."""
    first = source.read(_PIECE)
    if len(first) < _PIECE:
        return first

    def pieces() -> Iterator[bytes]:
        piece = first
        while piece:
            yield piece
            piece = source.read(_PIECE)

    return pieces()


class _Stream(RawIOBase):
    """An answer of the store as a file."""

    def __init__(self, chunks: Iterator[Any]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._rest:
            with _answering():
                chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        number = min(len(target), len(self._rest))
        target[:number] = self._rest[:number]
        self._rest = self._rest[number:]
        return number


@contextmanager
def _answering() -> Iterator[None]:
    """Turns what obstore raises into what callers know."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise FileNotFoundError(str(error)) from error
    except (BaseError, OSError) as error:
        raise BlobsAway(str(error)[:300]) from error
