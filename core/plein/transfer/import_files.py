"""Files of imported pages: attached where they are new or changed, refused with a reason."""

from typing import Any

from plein.confined.pictures import reencode
from plein.confined.refusals import PictureRefused
from plein.content.files.receiving import FileRefused, Receiver
from plein.content.files.services import AttachmentService
from plein.content.models import Content
from plein.transfer.plan import PlannedPage
from plein.transfer.receipt import PageEntry
from plein.transfer.scan import SourceFile
from plein.transfer.work import Work
from plein.web.sniffing import RASTER, media_type

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_REASONS = {
    "empty": "the file is empty",
    "broken": "the file is no picture, or a broken one",
}


class _TooHeavy(ValueError):
    """A file of more bytes than one file may have."""


_REFUSALS = (FileRefused, PictureRefused, _TooHeavy, OSError)


def store_files(
    work: Work, page: PlannedPage, item: Content, before: dict[str, Any], entry: PageEntry
) -> dict[str, Any]:
    """Attach what the page needs and does not have yet: name → digest of all that it has now."""
    into = work.into
    attachments = AttachmentService(into.db, into.viewer, approved=True)
    receiver = Receiver(into.blobs, into.scanner, max_mb=into.max_file_mb, max_megapixels=into.max_megapixels)
    stored = {}
    for name, file in page.files.items():
        digest = work.plan.digests.get(file.path, "")
        if digest and before.get(name) == digest:
            stored[name] = digest
            work.receipt.files["unchanged"] += 1
            continue
        try:
            _check_size(work, file)
            with file.full.open("rb") as source:
                attachments.add(item, receiver.receive(name, source))
        except _REFUSALS as refused:
            _refuse(work, entry, name, file, refused)
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
            _check_size(work, file)
            with file.full.open("rb") as source:
                found = media_type(source)
                if found == "inode/x-empty":
                    raise FileRefused("empty", name)
                if found in RASTER:
                    reencode(source, found, max_megapixels=limit)
                elif name.lower().endswith(PICTURE_SUFFIXES):
                    raise FileRefused("broken", name)
            entry.files.append(name)
        except _REFUSALS as refused:
            _refuse(work, entry, name, file, refused)


def _check_size(work: Work, file: SourceFile) -> None:
    limit = work.into.max_file_mb
    if file.size > limit * 1024 * 1024:
        raise _TooHeavy(f"the file is {file.size // 1048576} MB; at most {limit} MB is taken")


def _refuse(work: Work, entry: PageEntry, name: str, file: SourceFile, refused: Exception) -> None:
    """Tell why *file* is not taken: as an error, and at every link to it."""
    entry.refused[name] = why = _why_refused(refused, work.into.max_megapixels)
    work.receipt.error(file.path, 0, why)


def _why_refused(refused: Exception, limit: int) -> str:
    if isinstance(refused, OSError):
        return f"the file cannot be read: {refused.strerror or refused}"
    if not isinstance(refused, FileRefused | PictureRefused):
        return str(refused)
    if refused.reason == "unsearched":
        return "the virus scanner does not answer, and nothing is taken without it"
    if refused.reason == "too-large":
        if refused.megapixels:
            return f"the picture has {refused.megapixels:.0f} megapixels; at most {limit} is taken"
        return f"the picture has far more than the {limit} megapixels that are taken"
    return _REASONS.get(refused.reason, refused.reason)
