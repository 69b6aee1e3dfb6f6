"""Puts together what is kept about a person: a ZIP with a page to read, the same as JSON, and files.

Made by a job, as the person: what they may not see at that moment is not in it. So a text in a space that they left is
named nowhere, although they wrote it; others wrote in it too.
"""

import json
import os
import re
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from plein.audit import record
from plein.content.models import Attachment, Content
from plein.db import utcnow
from plein.jobs import JobContext, JobRefused, enqueue
from plein.ladder import OPEN
from plein.mail import AddressError, can_send, send
from plein.mail.message import localizer, render
from plein.people.models import User
from plein.people.profile_models import Photo
from plein.privacy.models import DataExport
from plein.privacy.tables import kept, rows
from plein.security.viewer import ANONYMOUS
from plein.web.i18n import _

EXPORT = "privacy.export"
#: How long the file stays.
KEPT = timedelta(days=7)
_CHUNK = 1 << 18


def file_of(settings: Mapping[str, Any], uid: str) -> Path:
    """Where the file of an export is, whether or not it is there."""
    return Path(settings["plein.files_dir"]) / "exports" / f"{uid}.zip"


def ask(db: Session, user_id: int) -> DataExport:
    """Have an export made. One that waits already is the one that is asked for."""
    waiting = db.scalar(select(DataExport).where(DataExport.user_id == user_id, DataExport.ready_at.is_(None)))
    if waiting is None:
        waiting = DataExport(user_id=user_id)
        db.add(waiting)
        db.flush()
    waiting.job_id = enqueue(db, EXPORT, {"export": waiting.id}, key=f"{EXPORT} {waiting.id}", user_id=user_id)
    record(db, "data.asked", "user", user_id)
    return waiting


class Export:
    """What is put together for one person; handed to ``on_user_exported``."""

    def __init__(self, user_id: int, archive: zipfile.ZipFile) -> None:
        self.user_id = user_id
        self.parts: dict[str, dict[str, Any]] = {}
        self._archive = archive
        self._names: set[str] = set()

    def add(self, name: str, title: Any, found: Iterable[Mapping[str, Any]]) -> None:
        """Add a table. :param name: of the part in the JSON: letters, digits, ``_``. :param title: for people."""
        plain = [{key: _plain(value) for key, value in row.items()} for row in found]
        if plain:
            part = self.parts.setdefault(name, {"title": title, "rows": []})
            part["rows"] += plain

    def add_file(self, path: str, source: BinaryIO) -> None:
        """Add a file below ``files/``. :param path: made safe, and unique where it is there already."""
        name = safe_path(path)
        stem, dot, ending = name.rpartition(".")
        number = 1
        while name.casefold() in self._names:
            number += 1
            name = f"{stem}-{number}.{ending}" if dot else f"{ending}-{number}"
        self._names.add(name.casefold())
        with self._archive.open(f"files/{name}", "w") as target:
            while chunk := source.read(_CHUNK):
                target.write(chunk)


def safe_path(path: str) -> str:
    """*path* without anything that leads elsewhere, or that a system does not allow in a name."""
    parts = [re.sub(r"[^\w. -]", "_", part).strip(". ")[:80] for part in path.replace("\\", "/").split("/")]
    return "/".join(part for part in parts if part) or "file"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def make_export(context: JobContext, *, export: int) -> None:
    """The job ``privacy.export``."""
    # What is theirs is theirs, also of a plugin that they do not have at this moment.
    whole = replace(context.viewer() or ANONYMOUS, ladder=OPEN)
    with context.session(whole, writes=False) as db:
        found = db.scalar(select(DataExport).where(DataExport.id == export, DataExport.user_id == context.user_id))
        person = db.scalar(select(User).where(User.id == context.user_id))
        if found is None or person is None:
            raise JobRefused("the export is not wanted any more")
        path = file_of(context.site.settings, found.uid)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "w+b") as file:
                missing = _write(context, db, person, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    _is_ready(context, export, person, path.stat().st_size, missing)


def _write(context: JobContext, db: Session, person: User, file: BinaryIO) -> list[str]:
    """Fill the archive. Gives the plugins whose part is missing."""
    plugins = context.site.plugins
    declared = kept(plugins)
    steps = len(declared) + 3
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        export = Export(person.id, archive)
        for number, one in enumerate(declared):
            export.add(one.data.table, one.data.purpose, rows(db, one, person.id))
            context.progress(number, steps)
        _add_texts(export, db)
        context.progress(steps - 2, steps)
        _add_files(export, db, context.site.blobs)
        context.progress(steps - 1, steps)
        answered = {answer.plugin for answer in plugins.call("on_user_exported", db=db, export=export)}
        missing = sorted(plugins.implementing("on_user_exported") - answered)
        _add_pages(context, export, person, missing)
        context.progress(steps, steps)
    return missing


def _add_texts(export: Export, db: Session) -> None:
    """Each text that the person wrote, as Markdown: it is theirs to take elsewhere."""
    written = select(Content.uid, Content.title, Content.slug, Content.body).where(Content.author_id == export.user_id)
    for row in db.execute(written.order_by(Content.id).execution_options(yield_per=50)):
        export.add_file(f"texts/{row.slug}.md", _bytes(f"# {row.title}\n\n{row.body}\n"))


def _bytes(text: str) -> BinaryIO:
    return BytesIO(text.encode())


def _add_files(export: Export, db: Session, blobs: Any) -> None:
    """Files that the person added to texts, and the largest size of their photo."""
    added = select(Attachment.name, Attachment.digest).where(Attachment.created_by_id == export.user_id)
    found = [(f"attachments/{name}", digest) for name, digest in db.execute(added.order_by(Attachment.id))]
    photo = db.scalar(select(Photo.digest).where(Photo.user_id == export.user_id).order_by(Photo.size.desc()).limit(1))
    for path, digest in [*found, *([("photo.webp", photo)] if photo is not None else [])]:
        try:
            with blobs.open(digest) as source:
                export.add_file(path, source)
        except FileNotFoundError:
            # The folder of files is older than the database: what is there is handed out.
            continue


def _add_pages(context: JobContext, export: Export, person: User, missing: list[str]) -> None:
    settings = context.site.settings
    words = localizer(context.site.plugins, person.locale or settings["plein.default_locale"])
    parts = [
        {"name": name, "title": str(words.translate(part["title"])), "rows": part["rows"]}
        for name, part in export.parts.items()
    ]
    made = utcnow()
    whole = {"site": settings["plein.base_url"], "made": made.isoformat(), "missing": missing, "data": parts}
    archive = export._archive
    archive.writestr("data.json", json.dumps(whole, ensure_ascii=False, indent=1))
    names = {"site_name": settings["plein.site_name"], "name": person.name, "made": made, "parts": parts}
    archive.writestr("index.html", render("plein:templates/privacy/export.pt", {**names, "missing": missing}, words))


def _is_ready(context: JobContext, export: int, person: User, size: int, missing: list[str]) -> None:
    now = utcnow()
    site = context.site
    with context.session() as db:
        db.execute(
            update(DataExport)
            .where(DataExport.id == export)
            .values(ready_at=now, expires_at=now + KEPT, size=size, missing=missing)
        )
        record(db, "data.exported", "user", person.id, size=size)
        if can_send(site.settings) and person.email:
            try:
                send(
                    db,
                    to=person.email,
                    subject=_("Your data are ready"),
                    template="plein:templates/mail/data_ready.pt",
                    values={"name": person.name, "link": f"{site.settings['plein.base_url'].rstrip('/')}/me/data"},
                    locale=person.locale or site.settings["plein.default_locale"],
                    key=f"data ready {export}",
                    until=now + KEPT,
                )
            except AddressError:
                return


def throw_away_expired(context: JobContext) -> None:
    """The job ``privacy.expire``: exports that expired, the files first, and files that no row names any more."""
    now = utcnow()
    with context.session() as db:
        gone = db.scalars(select(DataExport.uid).where(DataExport.expires_at < now)).all()
        for uid in gone:
            file_of(context.site.settings, uid).unlink(missing_ok=True)
        db.execute(delete(DataExport).where(DataExport.uid.in_(gone)))
        known = set(db.scalars(select(DataExport.uid)))
    folder = file_of(context.site.settings, "x").parent
    for path in folder.glob("*.zip") if folder.is_dir() else ():
        if path.stem not in known:
            path.unlink(missing_ok=True)
