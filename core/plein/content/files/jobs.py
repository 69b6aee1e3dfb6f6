"""Work on files that is done later: the words in them, smaller pictures, searching for viruses once more.

Each starts from the row and looks whether the bytes are still those that it worked on: doing it twice does no harm.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from plein.audit import record
from plein.confined.running import Confined, run
from plein.content.changes import tell
from plein.content.files.models import PictureSize
from plein.content.files.receiving import copy
from plein.content.files.references import WIDTHS
from plein.content.files.scanning import Scanner
from plein.content.files.services import EXTRACT, SCAN, SIZES
from plein.content.models import Attachment, Content
from plein.contributions import ContentChange
from plein.db import db_unguarded
from plein.jobs import JobContext, JobRefused, enqueue
from plein.security.viewer import ANONYMOUS
from plein.web.sniffing import RASTER

_SECONDS, _MEMORY_MB = 60, 1_536
_TEXT_SECONDS, _TEXT_MEMORY_MB = 60, 1_024
#: Files that are looked after at once, where something went by unseen.
_MANY = 500
#: What no second attempt would change.
_REFUSALS = frozenset({"encrypted", "bomb", "too-large", "slow"})


def _of(context: JobContext, attachment: int) -> Any:
    """What is needed of an attachment; ``None`` where it is gone."""
    with db_unguarded(context.site.engine, reason="a job on a file: which file") as db:
        return db.execute(
            select(
                Attachment.content_id,
                Attachment.digest,
                Attachment.media_type,
                Attachment.width,
                Attachment.scan_state,
                Attachment.text_state,
            ).where(Attachment.id == attachment)
        ).one_or_none()


@contextmanager
def _fetched(context: JobContext, digest: str) -> Iterator[Path]:
    """The bytes under *digest* as a file of their own, beside which others can be made."""
    with tempfile.TemporaryDirectory(prefix="plein-") as folder:
        try:
            file = context.site.blobs.open(digest)
        except FileNotFoundError as error:
            raise JobRefused(f"the bytes of the file are gone ({digest[:12]}…)") from error
        with file:
            copy(file, Path(folder) / "file")
        yield Path(folder) / "file"


def extract(context: JobContext, *, attachment: int) -> None:
    """The job ``files.extract``: the words in a file, for search."""
    found = _of(context, attachment)
    if found is None or found.text_state != "waiting" or found.scan_state == "infected":
        return
    with _fetched(context, found.digest) as path:
        state, reason, text = _words(path, found.media_type)
    with db_unguarded(context.site.engine, reason="files.extract: the words in a file", writes=True) as db:
        stored = db.execute(
            update(Attachment)
            .where(Attachment.id == attachment, Attachment.digest == found.digest)
            .values(text=text, text_state=state, text_reason=reason)
        )
        if not stored.rowcount or not text:  # type: ignore[attr-defined]
            return
        item = db.scalar(select(Content).where(Content.id == found.content_id))
        change = ContentChange(item, "files", ANONYMOUS, minor=True)
        tell(context.site.plugins, db, change)


def _words(path: Path, media_type: str) -> tuple[str, str, str]:
    """State, reason and text."""
    try:
        answer = run(
            "text",
            {"source": str(path), "media_type": media_type},
            seconds=_TEXT_SECONDS,
            memory_mb=_TEXT_MEMORY_MB,
            file_mb=8,
        )
    except Confined as refused:
        if refused.reason in _REFUSALS:
            return "refused", "too-large" if refused.reason == "slow" else refused.reason, ""
        return "failed", refused.reason, ""
    text = answer.get("text")
    return ("none", "", "") if text is None else ("done", "", str(text))


def make_sizes(context: JobContext, *, attachment: int) -> None:
    """The job ``files.sizes``: a picture in fewer pixels, for small screens and slow networks."""
    found = _of(context, attachment)
    if found is None or found.width is None or found.scan_state == "infected":
        return
    wanted = [width for width in WIDTHS if width < found.width]
    with context.session(writes=False) as db:
        there = set(db.scalars(select(PictureSize.width).where(PictureSize.of_digest == found.digest)))
    if not wanted or there.issuperset(wanted):
        return
    with _fetched(context, found.digest) as path:
        try:
            made = run(
                "sizes",
                {
                    "source": str(path),
                    "folder": str(path.parent),
                    "media_type": found.media_type,
                    "widths": wanted,
                    "max_megapixels": context.site.settings["plein.max_image_megapixels"],
                },
                seconds=_SECONDS,
                memory_mb=_MEMORY_MB,
            )["made"]
        except Confined as refused:
            raise JobRefused(f"the picture cannot be made smaller: {refused.reason}") from refused
        rows = [_stored(context, path.parent, found.digest, int(width), height) for width, height in made.items()]
    if rows:
        with context.session() as db:
            insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
            db.execute(insert(PictureSize).values(rows).on_conflict_do_nothing(index_elements=["of_digest", "width"]))


def _stored(context: JobContext, folder: Path, of_digest: str, width: int, height: int) -> dict[str, Any]:
    with (folder / str(width)).open("rb") as file:
        digest, size = context.site.blobs.put(file)
    return {"of_digest": of_digest, "width": width, "height": height, "size": size, "digest": digest}


def search(context: JobContext, *, attachment: int) -> None:
    """The job ``files.scan``: search for viruses what came in while the scanner was away."""
    found = _of(context, attachment)
    if found is None or found.scan_state != "waiting":
        return
    scanner = Scanner(context.site.settings["plein.clamav_socket"])
    if not scanner.address:
        return
    with _fetched(context, found.digest) as path, path.open("rb") as file:
        virus = scanner.search(file)
    with db_unguarded(context.site.engine, reason="files.scan: what the scanner found", writes=True) as db:
        values = {"scan_state": "infected" if virus else "clean", "scan_found": virus}
        if virus:
            values |= {"text": "", "text_state": "none"}
        db.execute(
            update(Attachment).where(Attachment.id == attachment, Attachment.digest == found.digest).values(**values)
        )
        if virus:
            record(db, "file.quarantined", "attachment", attachment, content=found.content_id, found=virus)


def catch_up(context: JobContext) -> None:
    """The job ``files.catch_up``: ask again for what is still to be done, whatever became of the first time."""
    scans = bool(context.site.settings["plein.clamav_socket"])
    with db_unguarded(context.site.engine, reason="files.catch_up: what is still to be done", writes=True) as db:
        wanted: list[tuple[str, Any]] = [(EXTRACT, Attachment.text_state == "waiting")]
        if scans:
            wanted.append((SCAN, Attachment.scan_state == "waiting"))
        sized = select(PictureSize.id).where(PictureSize.of_digest == Attachment.digest)
        wide = (Attachment.width > WIDTHS[0]) & Attachment.media_type.in_(RASTER - {"image/gif"})
        wanted.append((SIZES, wide & ~sized.exists()))
        for job, which in wanted:
            for number in db.scalars(select(Attachment.id).where(which).order_by(Attachment.id).limit(_MANY)):
                enqueue(db, job, {"attachment": number}, key=f"{job} {number}", user_id=None)
