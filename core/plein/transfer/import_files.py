"""Files of imported pages: attached where they are new or changed, refused with a reason."""

from typing import Any

from plein.content.attachments import AttachmentService, FileRefused
from plein.content.models import Content
from plein.content.pictures import PictureRefused, reencode
from plein.content.sniffing import RASTER, media_type
from plein.transfer.plan import PlannedPage
from plein.transfer.receipt import PageEntry
from plein.transfer.scan import SourceFile
from plein.transfer.work import Work

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_REASONS = {
    "empty": "the file is empty",
    "broken": "the file is no picture, or a broken one",
}


def store_files(
    work: Work, page: PlannedPage, item: Content, before: dict[str, Any], entry: PageEntry
) -> dict[str, Any]:
    """Attach what the page needs and does not have yet: name → digest of all that it has now."""
    into = work.into
    attachments = AttachmentService(into.db, into.viewer, into.blobs, into.max_megapixels)
    stored = {}
    for name, file in page.files.items():
        digest = work.plan.digests.get(file.path, "")
        if digest and before.get(name) == digest:
            stored[name] = digest
            work.receipt.files["unchanged"] += 1
            continue
        if not _fits(work, file):
            continue
        try:
            with file.full.open("rb") as source:
                attachments.attach(item, name, source)
        except FileRefused as refused:
            work.receipt.error(file.path, 0, _why_refused(refused, into.max_megapixels))
            continue
        except OSError as error:
            work.receipt.error(file.path, 0, f"the file cannot be read: {error.strerror or error}")
            continue
        stored[name] = digest
        entry.files.append(name)
        work.receipt.files["stored"] += 1
    return stored


def check_files(work: Work, page: PlannedPage, entry: PageEntry) -> None:
    """What :func:`store_files` would refuse, without storing anything."""
    limit = work.into.max_megapixels
    for name, file in page.files.items():
        try:
            if _fits(work, file):
                with file.full.open("rb") as source:
                    found = media_type(source)
                    if found == "inode/x-empty":
                        raise FileRefused("empty", name)
                    if found in RASTER:
                        reencode(source, found, max_megapixels=limit)
                    elif name.lower().endswith(PICTURE_SUFFIXES):
                        raise FileRefused("broken", name)
                entry.files.append(name)
        except (FileRefused, PictureRefused) as refused:
            work.receipt.error(file.path, 0, _why_refused(refused, limit))
        except OSError as error:
            work.receipt.error(file.path, 0, f"the file cannot be read: {error.strerror or error}")


def _fits(work: Work, file: SourceFile) -> bool:
    limit = work.into.max_file_mb
    if file.size <= limit * 1024 * 1024:
        return True
    work.receipt.error(file.path, 0, f"the file is {file.size // 1048576} MB; at most {limit} MB is taken")
    return False


def _why_refused(refused: FileRefused | PictureRefused, limit: int) -> str:
    if refused.reason == "too-large":
        if refused.megapixels:
            return f"the picture has {refused.megapixels:.0f} megapixels; at most {limit} is taken"
        return f"the picture has far more than the {limit} megapixels that are taken"
    return _REASONS.get(refused.reason, refused.reason)
