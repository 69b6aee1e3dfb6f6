"""``plein import undo``: take back what one import did, as far as nobody has worked on it since.

Pages that the import made go to the trash; pages that it changed get the version back from before. Whatever people
edited afterwards stays, and is named.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from plein.audit import record
from plein.content.models import Content
from plein.transfer.into import ImportRefused, Into
from plein.transfer.models import ImportItem
from plein.transfer.receipt import PageEntry, Receipt

_CHANGED = ("updated", "merged")


@dataclass(slots=True)
class Undone:
    """What became of undoing: titles of pages thrown away and put back, and of those left, with the reason."""

    trashed: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        left = [{"title": title, "reason": reason} for title, reason in self.left]
        return {"trashed": self.trashed, "restored": self.restored, "left": left}


def undo_import(into: Into, receipt: Receipt) -> Undone:
    """Take back what *receipt* tells of. Nothing is committed.

    :raises ImportRefused: for a receipt that changed nothing, or was undone, or without the permissions.
    """
    if receipt.dry_run:
        raise ImportRefused("This receipt is of a dry run: nothing was changed, so there is nothing to undo.")
    if receipt.undone_at:
        raise ImportRefused(f"This import was undone already, at {receipt.undone_at}.")
    into.require("edit", "delete")
    undone = Undone()
    rows = {
        row.path: row
        for row in into.db.scalars(
            select(ImportItem).where(ImportItem.space_id == into.space.id, ImportItem.source == receipt.source)
        )
    }
    # From the deepest up: a page that is thrown away hands its children to the one above it.
    for entry in sorted(receipt.pages, key=lambda page: page.key.rstrip("/").count("/"), reverse=True):
        if entry.state == "created" or entry.state in _CHANGED:
            _undo(into, entry, rows.get(entry.key), receipt, undone)
    record(into.db, "import.undone", "space", into.space.id, receipt=receipt.uid)
    into.db.flush()
    return undone


def _undo(into: Into, entry: PageEntry, row: ImportItem | None, receipt: Receipt, undone: Undone) -> None:
    model = into.type.model
    item: Content | None = into.db.scalars(
        select(model).where(model.uid == entry.uid, model.space_id == into.space.id)
    ).one_or_none()
    if row is None or row.receipt != receipt.uid:
        undone.left.append((entry.title, "a later import changed it; undo that one first"))
    elif item is None or item.id != row.content_id:
        undone.left.append((entry.title, "it is no longer there"))
    elif item.version != entry.version:
        undone.left.append((item.title, "people edited it since the import"))
    elif item.state == "trashed":
        undone.left.append((item.title, "it is in the trash already"))
    elif entry.state == "created":
        into.service().trash(item)
        into.db.delete(row)
        undone.trashed.append(item.title)
    else:
        _restore(into, entry, item, row)
        undone.restored.append(item.title)
        added = [name for name in entry.files if name not in (entry.before or {}).get("files", {})]
        replaced = [name for name in entry.files if name not in added]
        if replaced:
            undone.left.append((item.title, f"files that were replaced stay as they are: {', '.join(replaced)}"))


def _restore(into: Into, entry: PageEntry, item: Content, row: ImportItem) -> None:
    if entry.version_before != item.version:
        into.service().restore(item, entry.version_before)
    before = entry.before or {}
    for name in ("digest", "title", "body", "tags", "receipt"):
        if name in before:
            setattr(row, name, before[name])
    row.version = item.version
