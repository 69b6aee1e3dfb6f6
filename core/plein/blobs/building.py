"""The store that the settings name."""

from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from plein.blobs.local import LocalBlobStore
from plein.blobs.protocol import BlobStore
from plein.settings import Settings, SettingsError

#: Loaded only where it is chosen: its library takes 4 MB in each process.
_S3 = "plein.blobs.s3"


def check_settings(settings: Settings) -> None:
    """Refuse S3 without what it needs.

    :raises SettingsError: naming what is missing.
    """
    if settings["plein.files_store"] == "local":
        return
    missing = [name for name in ("plein.s3_key", "plein.s3_secret") if not settings[name]]
    if missing:
        raise SettingsError(
            [f"{name} must be filled in, because plein.files_store is a bucket of S3" for name in missing]
        )


def build_store(settings: Settings, name: str | None = None) -> BlobStore:
    """The store called *name*, ``local`` or ``s3://bucket/prefix``; by default that of the setting."""
    chosen: str = name or settings["plein.files_store"]
    if chosen == "local":
        return LocalBlobStore(Path(settings["plein.files_dir"]))
    parts = urlsplit(chosen)
    options: dict[str, Any] = {
        "endpoint": settings["plein.s3_endpoint"],
        "region": settings["plein.s3_region"],
        "key": settings["plein.s3_key"],
        "secret": settings["plein.s3_secret"],
    }
    store: BlobStore = import_module(_S3).S3BlobStore(parts.netloc, parts.path.strip("/"), **options)
    return store
