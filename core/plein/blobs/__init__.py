"""Where the bytes of files are kept: once for equal bytes, under their SHA-256, in a local folder or in S3.

Floor 1, because photos of people are kept here as well as files of items. A file is complete and stored before any row
names it: what a rolled-back transaction leaves behind is a file without a row, which ``plein files check`` finds.
"""

from plein.blobs.building import build_store, check_settings
from plein.blobs.errors import BlobsAway, NoRoom, no_room
from plein.blobs.protocol import FILE_DIGEST, BlobStore, Stored, checked

__all__ = [
    "FILE_DIGEST",
    "BlobStore",
    "BlobsAway",
    "NoRoom",
    "Stored",
    "build_store",
    "check_settings",
    "checked",
    "no_room",
]
