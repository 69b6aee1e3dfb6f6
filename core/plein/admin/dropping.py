"""Removing all that a plugin keeps: counted, exported to a file, and then gone in one transaction, or not at all."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, or_, select, update
from sqlalchemy.orm import Session

from plein.adjusting.models import SettingValue
from plein.audit import record
from plein.blobs import BlobStore
from plein.content.models import Attachment, Content, ContentLink, PolicyValue
from plein.db import Base
from plein.db.session import UNGUARDED
from plein.jobs.models import JobSchedule, QueuedJob
from plein.plugins import Plugins
from plein.plugins.known import tables_of
from plein.search.index import remove
from plein.security.models import PermissionGrant
from plein.security.stamps import bump
from plein.spaces.models import Space

#: Rows read from the database at a time.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Stock:
    """What would go.

    :param items: by content type; *rows* by table of the plugin's own.
    :param files: of these items; *links* to them from items of others.
    """

    items: dict[str, int]
    rows: dict[str, int]
    files: int
    links: int


class Dropping:
    """All that the plugin *name* keeps, seen by *db*, which sees everything."""

    def __init__(self, db: Session, plugins: Plugins, name: str) -> None:
        self.db, self.name = db, name
        self.types = [one for one in plugins.content_types if one.partition(".")[0] == name]
        self.tables = [Base.metadata.tables[one] for one in tables_of(name)]
        self._is_mine = Content.type.in_(self.types)
        self._mine = select(Content.id).where(self._is_mine)

    def stock(self) -> Stock:
        """How much there is. A few statements, and one for each table."""
        count = self.db.scalar
        items = dict.fromkeys(self.types, 0)
        rows = self.db.execute(select(Content.type, func.count()).where(self._is_mine).group_by(Content.type))
        items |= {row[0]: row[1] for row in rows}
        links = (
            select(func.count())
            .select_from(ContentLink)
            .where(
                or_(ContentLink.target_type.in_(self.types), ContentLink.target_id.in_(self._mine)),
                ContentLink.content_id.not_in(self._mine),
            )
        )
        files = select(func.count()).select_from(Attachment).where(Attachment.content_id.in_(self._mine))
        tables = {one.name: count(select(func.count()).select_from(one)) or 0 for one in self.tables}
        return Stock(items, tables, count(files) or 0, count(links) or 0)

    def export(self, path: Path, blobs: BlobStore) -> None:
        """Write all of it to *path*, a zip: rows as JSON lines by table, texts as Markdown, and the files.

        What cannot be written to the end leaves no file.
        """
        whole = path.with_suffix(f"{path.suffix}.part")
        try:
            with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
                for table, condition in self._everything():
                    with archive.open(f"tables/{table.name}.jsonl", "w") as lines:
                        for row in self._rows(select(table).where(condition)):
                            lines.write(json.dumps(dict(row), ensure_ascii=False, default=_plain).encode() + b"\n")
                self._write_texts(archive)
                self._write_files(archive, blobs)
            whole.replace(path)
        finally:
            whole.unlink(missing_ok=True)

    def _rows(self, statement: Any) -> Iterator[Any]:
        yield from self.db.execute(statement.execution_options(yield_per=_BATCH)).mappings()

    def _write_texts(self, archive: zipfile.ZipFile) -> None:
        texts = select(Space.slug.label("space"), Content.type, Content.slug, Content.title, Content.body)
        for row in self._rows(texts.join(Space, Space.id == Content.space_id).where(self._is_mine)):
            kind = row["type"].partition(".")[2]
            archive.writestr(f"items/{row['space']}/{kind}/{row['slug']}.md", f"# {row['title']}\n\n{row['body']}\n")

    def _write_files(self, archive: zipfile.ZipFile, blobs: BlobStore) -> None:
        for row in self._rows(select(Attachment.digest).where(Attachment.content_id.in_(self._mine)).distinct()):
            try:
                with blobs.open(row["digest"]) as source, archive.open(f"files/{row['digest']}", "w") as target:
                    shutil.copyfileobj(source, target)
            except FileNotFoundError:
                # The row is in the export, and names it.
                continue

    def remove(self) -> None:
        """Delete the items with all that hangs on them, and what else is kept for the plugin; not its own tables."""
        for number in self.db.scalars(self._mine).all():
            remove(self.db, number)
        content = Base.metadata.tables["content"]
        self._delete(content, content.c.type.in_(self.types))
        for model, named in ((PermissionGrant, "permission"), (SettingValue, "name"), (QueuedJob, "name")):
            self.db.execute(delete(model).where(getattr(model, named).startswith(f"{self.name}.", autoescape=True)))
        self.db.execute(delete(JobSchedule).where(JobSchedule.name.startswith(f"{self.name}.", autoescape=True)))
        self.db.execute(delete(PolicyValue).where(PolicyValue.type.in_(self.types)))
        for table in Base.metadata.tables.values():
            if "plugin" in table.c:
                self._delete(table, table.c.plugin == self.name)
        known = Base.metadata.tables["plugin_known"]
        self.db.execute(delete(known).where(known.c.name == self.name))
        bump(self.db)
        record(self.db, "plugin.dropped", "plugin", self.name)

    def _everything(self) -> Iterator[tuple[Table, ColumnElement[bool]]]:
        """The plugin's tables, its items, and what hangs on them directly, each with which rows."""
        content = Base.metadata.tables["content"]
        yield content, content.c.type.in_(self.types)
        for table in self.tables:
            yield table, table.c[table.primary_key.columns.keys()[0]].is_not(None)
        mine = select(content.c.id).where(content.c.type.in_(self.types))
        for table in Base.metadata.sorted_tables:
            if "content_id" in table.c and table not in self.tables:
                yield table, table.c.content_id.in_(mine)

    def _delete(self, table: Table, condition: ColumnElement[bool]) -> None:
        """Delete rows of *table* and what refers to them, as the foreign keys say: SQLite enforces none meanwhile."""
        for other in reversed(Base.metadata.sorted_tables):
            for key in other.foreign_keys:
                if key.column.table is not table or other is table:
                    continue
                refers = key.parent.in_(select(key.column).where(condition))
                if key.ondelete == "SET NULL":
                    self.db.execute(update(other).where(refers).values({key.parent: None}), execution_options=_AS_IT_IS)
                else:
                    self._delete(other, refers)
        for key in table.foreign_keys:
            if key.column.table is table:
                self.db.execute(
                    update(table).where(key.parent.in_(select(key.column).where(condition))).values({key.parent: None}),
                    execution_options=_AS_IT_IS,
                )
        self.db.execute(delete(table).where(condition), execution_options=_AS_IT_IS)


_AS_IT_IS = {"synchronize_session": False}


def in_migration(work: Callable[[Session], None]) -> Callable[[Any], None]:
    """*work* in a session on the connection of a migration, which sees everything and ends with its transaction."""

    def run(connection: Any) -> None:
        with Session(connection, info={UNGUARDED: "plein plugin drop removes what a plugin keeps"}) as db:
            work(db)
            db.commit()

    return run


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
