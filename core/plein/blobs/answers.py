"""Sending a stored file: in pieces, only when it changed, and only the part that was asked for (RFC 9110)."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from plein.blobs.protocol import CHUNK, BlobStore
from plein.security.headers import FILE_SECURITY_POLICY

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def send(request: Request, store: BlobStore, digest: str, size: int, media_type: str, *, keep: str) -> Response:
    """The answer with the bytes under *digest*, or 304, 206 or 416.

    :param media_type: only what may be shown in a page; anything else goes as ``application/octet-stream``.
    :param keep: the value of ``Cache-Control``.
    :raises HTTPNotFound: where the bytes are not there.
    :raises BlobsAway: where the store does not answer.
    """
    etag = f'"{digest}"'
    response = Response(content_type=media_type)
    response.headers["Content-Security-Policy"] = FILE_SECURITY_POLICY
    response.headers["Cache-Control"] = keep
    response.headers["ETag"] = etag
    response.headers["Accept-Ranges"] = "bytes"
    if _is_known(request, etag):
        response.status_int = 304
        del response.headers["Content-Type"]
        return response
    start, end = 0, size
    asked = _asked(request, etag, size)
    if asked is not None:
        start, end = asked
        if start >= end:
            response.status_int = 416
            response.headers["Content-Range"] = f"bytes */{size}"
            response.content_length = 0
            return response
        response.status_int = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if request.method != "HEAD":
        try:
            file = store.open(digest, start, end - start) if asked else store.open(digest)
        except FileNotFoundError:
            raise HTTPNotFound() from None
        response.app_iter = Pieces(file, end - start)
    response.content_length = end - start
    return response


def _is_known(request: Request, etag: str) -> bool:
    known = request.headers.get("If-None-Match", "")
    return known.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in known.split(","))


def _asked(request: Request, etag: str, size: int) -> tuple[int, int] | None:
    """From where to where (not included); ``None`` for everything; an empty part where it cannot be given.

    Of several parts at once the whole is sent, which the standard allows.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", "").lower())
    # A part of what the client had before is no use where the file changed since.
    if match is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match[1], match[2]
    if first:
        if last and int(last) < int(first):
            return None
        return int(first), min(int(last) + 1, size) if last else size
    if not last:
        return None
    return (max(0, size - int(last)), size) if int(last) else (size, size)


class Pieces:
    """*length* bytes of *file*, a piece at a time; closed by whoever sends them."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._left = file, length

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (piece := self._file.read(min(CHUNK, self._left))):
            self._left -= len(piece)
            yield piece

    def close(self) -> None:
        self._file.close()
