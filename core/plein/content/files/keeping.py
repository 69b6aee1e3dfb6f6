"""That every row has its file and every file its row: comparing the two, throwing away what nobody needs, moving store.

Who refers to files is said in one place: by the columns themselves (``FILE_DIGEST``). A plugin that is not loaded may
have such columns too, so nothing is thrown away while one is missing.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, delete, exists, inspect, or_, select
from sqlalchemy.orm import Session

from plein.blobs import BlobStore, Stored
from plein.blobs.protocol import CHUNK
from plein.content.files.models import AttachmentVersion, HeldFile, LostFile, PictureSize
from plein.content.models import Attachment
from plein.db import Base, db_unguarded, utcnow
from plein.jobs import JobContext
from plein.plugins import Plugins

log = structlog.get_logger(__name__)

#: What is half done by a process that lives is younger than this.
YOUNG = timedelta(days=1)
#: How long files of a new item wait for it to be saved.
HELD = timedelta(days=7)
Progress = Callable[[int, int], None]


def referring() -> list[tuple[str, Any]]:
    """The columns that name files: table and column, each as a mapped attribute."""
    found = []
    for mapper in Base.registry.mappers:
        for prop in mapper.column_attrs:
            column = prop.columns[0]
            if column.info.get("plein_file") and column.table is mapper.local_table:
                found.append((str(mapper.local_table), getattr(mapper.class_, prop.key)))
    return sorted(found, key=lambda one: one[0])


def referred(db: Session) -> dict[str, str]:
    """Each digest that a row names, with the table."""
    found: dict[str, str] = {}
    for table, column in referring():
        for digest in db.scalars(select(column).distinct().execution_options(yield_per=1000)):
            found.setdefault(digest, table)
    return found


def unloaded(engine: Engine, plugins: Plugins) -> list[str]:
    """Plugins that have tables in the database and are not loaded: what files they name, nobody knows."""
    loaded = {plugin.name for plugin in plugins.plugins}
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
    named = {table.removeprefix("alembic_version_") for table in tables if table.startswith("alembic_version_")}
    return sorted(named - loaded)


@dataclass(slots=True)
class Report:
    """What a comparison found.

    :ivar missing: digests that a row names and the store does not have, with the table.
    :ivar orphans: files that no row names, older than a day.
    :ivar young: how many are younger: an upload may be busy with them.
    :ivar wrong: files whose bytes are not those that they are called after (only looked at when asked).
    :ivar removed: how many orphans were thrown away.
    :ivar unloaded: plugins whose rows could not be asked.
    """

    rows: int = 0
    files: int = 0
    size: int = 0
    young: int = 0
    removed: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unloaded: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.missing and not self.wrong and len(self.orphans) == self.removed


def check(
    engine: Engine,
    blobs: BlobStore,
    plugins: Plugins,
    *,
    deep: bool = False,
    repair: bool = False,
    now: datetime | None = None,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Compare rows and files. The site can stay in use.

    :param deep: read every file, and see whether it is what it is called.
    :param repair: throw away files without a row that are older than a day.
    """
    before = (now or utcnow()) - YOUNG
    report = Report(unloaded=unloaded(engine, plugins))
    # The files first: what is added meanwhile has its row by the time that rows are read.
    there = {one.digest: one for one in blobs}
    named = _named(engine)
    report.rows, report.files = len(named), len(there)
    report.size = sum(one.size for one in there.values())
    for digest, table in named.items():
        # What came after the list was made is asked for by name.
        if digest not in there and blobs.find(digest) is None:
            report.missing.append((digest, table))
    for digest, stored in there.items():
        if digest not in named:
            if stored.modified >= before:
                report.young += 1
            else:
                report.orphans.append(digest)
    if deep:
        for number, digest in enumerate(there):
            progress(number, len(there))
            if not _is_whole(blobs, digest):
                report.wrong.append(digest)
    if repair and not report.unloaded:
        report.removed = sum(blobs.delete(digest, unless_since=before) for digest in report.orphans)
        blobs.sweep(before)
    return report


def _named(engine: Engine) -> dict[str, str]:
    with db_unguarded(engine, reason="which files rows name") as db:
        return referred(db)


def _is_whole(blobs: BlobStore, digest: str) -> bool:
    found = hashlib.sha256()
    try:
        with blobs.open(digest) as file:
            while piece := file.read(CHUNK):
                found.update(piece)
    except FileNotFoundError:
        # Thrown away in the meantime.
        return True
    return found.hexdigest() == digest


def clean(context: JobContext) -> None:
    """The job ``files.clean``: throw away what was removed long ago, and then files that nobody names any more."""
    days = timedelta(days=context.site.settings["plein.files_keep_days"])
    now = utcnow()
    with db_unguarded(context.site.engine, reason="files.clean: rows of what is gone", writes=True) as db:
        _forget_rows(db, now - days, now - HELD)
    missing = unloaded(context.site.engine, context.site.plugins)
    if missing:
        log.warning("files.not_cleaned", plugins=missing)
        return
    blobs = context.site.blobs
    there = {one.digest for one in blobs if one.modified < now - YOUNG}
    with db_unguarded(context.site.engine, reason="files.clean: files that lost their rows", writes=True) as db:
        due = _long_lost(db, there - set(referred(db)), now - days)
    gone = sum(blobs.delete(digest, unless_since=now - YOUNG) for digest in due)
    swept = blobs.sweep(now - YOUNG)
    if gone or swept:
        log.info("files.cleaned", files=gone, half=swept)


def _forget_rows(db: Session, removed_before: datetime, held_before: datetime) -> None:
    """Forget removed files with all that they were, new items that never came, and sizes of pictures that are gone."""
    alive = exists(select(Attachment.id).where(Attachment.uid == AttachmentVersion.uid))
    gone = select(AttachmentVersion.uid).where(
        AttachmentVersion.kind == "removed", AttachmentVersion.ended_at < removed_before, ~alive
    )
    db.execute(delete(AttachmentVersion).where(AttachmentVersion.uid.in_(gone)), execution_options=_PLAIN)
    db.execute(delete(HeldFile).where(HeldFile.created_at < held_before), execution_options=_PLAIN)
    used = or_(
        *(
            exists(select(model.id).where(model.digest == PictureSize.of_digest))
            for model in (Attachment, AttachmentVersion, HeldFile)
        )
    )
    db.execute(delete(PictureSize).where(~used), execution_options=_PLAIN)


def _long_lost(db: Session, lost: set[str], before: datetime) -> list[str]:
    """Of the files that have no row now, those that had none before that moment; others are written down."""
    known = {row.digest: row.seen_at for row in db.execute(select(LostFile.digest, LostFile.seen_at))}
    for digest in known.keys() - lost:
        db.execute(delete(LostFile).where(LostFile.digest == digest), execution_options=_PLAIN)
    db.add_all(LostFile(digest=digest) for digest in lost - known.keys())
    return [digest for digest in lost & known.keys() if known[digest] < before]


_PLAIN = {"synchronize_session": False}


# -- another store -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Moved:
    """What a move did: files copied, those that were there already, and those that no store has."""

    copied: int = 0
    there: int = 0
    size: int = 0
    missing: list[str] = field(default_factory=list)


def copy_all(engine: Engine, source: BlobStore, target: BlobStore, progress: Progress) -> Moved:
    """Copy each file that a row names from *source* to *target*, and read back what arrived.

    The site can stay in use. Broken off, it goes on where it was; done again, it copies what came in since.
    """
    moved = Moved()
    named = _named(engine)
    for number, digest in enumerate(sorted(named)):
        progress(number, len(named))
        stored = source.find(digest)
        arrived = target.find(digest)
        if arrived is not None and (stored is None or arrived.size == stored.size):
            moved.there += 1
        elif stored is None:
            moved.missing.append(digest)
        else:
            _copy(source, target, stored)
            moved.copied += 1
            moved.size += stored.size
    progress(len(named), len(named))
    return moved


def _copy(source: BlobStore, target: BlobStore, stored: Stored) -> None:
    with tempfile.TemporaryFile(prefix="plein-") as kept:
        with source.open(stored.digest) as file:
            for piece in _pieces(file):
                kept.write(piece)
        kept.seek(0)
        digest, _size = target.put(kept)
    if digest != stored.digest or not _is_whole(target, digest):
        target.delete(digest)
        raise ValueError(
            f"the file {stored.digest} is damaged, in its store or on the way; run: plein files check --deep"
        )


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece
