"""What a file is, by looking at its bytes. What the sender called it only names the download."""

import codecs
import re
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
)

_ZIPPED = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

_OPEN_DOCUMENT = re.compile(r"application/vnd\.oasis\.opendocument\.[a-z]+")

#: Pictures that may be shown in a page, once they are re-encoded.
RASTER = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

UNKNOWN = "application/octet-stream"

MAX_NAME = 150
_UNSAFE_IN_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]+')


def media_type(file: BinaryIO) -> str:
    """The media type of *file*, which is left at its beginning."""
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if not head:
        return "inode/x-empty"
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(file)
    return "text/plain" if _is_text(head) else UNKNOWN


def _zipped(file: BinaryIO) -> str:
    """What a zip file holds. Only its list of names is read, and of OpenDocument its one-line type."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist()[:5000])
            for name, found in _ZIPPED.items():
                if name in names:
                    return found
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                text = archive.read("mimetype").decode("ascii", "replace").strip()
                if _OPEN_DOCUMENT.fullmatch(text):
                    return text
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return UNKNOWN
    finally:
        file.seek(0)
    return "application/zip"


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        # The block may end inside a character.
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < 4096)
    except UnicodeDecodeError:
        return False
    return True


def clean_name(name: str) -> str:
    """A file name that is safe on every system: no folders, no control characters, at most 150 characters."""
    name = _UNSAFE_IN_NAME.sub("_", PurePosixPath(name.replace("\\", "/")).name).strip(" .")
    if len(name) <= MAX_NAME:
        return name or "file"
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 12:
        return name[:MAX_NAME]
    return f"{stem[: MAX_NAME - len(suffix) - 1]}.{suffix}"
