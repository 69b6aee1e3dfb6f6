"""The receipt of an import: what was done, what was not, and why; and what is needed to undo it.

Kept as a JSON file, one per import, readable by people and by programs.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from plein.db import utcnow
from plein.transfer.plan import PlannedPage

FORMAT = 1
#: What may become of a page.
STATES = ("created", "updated", "merged", "unchanged", "conflict", "skipped", "gone", "error")
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class ReceiptError(ValueError):
    """A receipt that cannot be found or read, in one sentence."""


@dataclass(slots=True)
class PageEntry:
    """What became of a page.

    :param path: of its file.
    :param state: one of :data:`STATES`.
    :param before: what the import remembered of the page, for undoing an update.
    :param refused: files that the page needs and does not have, by name, with the reason.
    """

    key: str
    path: str
    state: str
    title: str = ""
    uid: str = ""
    slug: str = ""
    version: int = 0
    version_before: int = 0
    reason: str = ""
    files: list[str] = field(default_factory=list)
    before: dict[str, Any] | None = None
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Receipt:
    """:param source: the name that the imported folder is remembered by."""

    space: str
    type: str
    source: str
    folder: str
    actor: str
    dry_run: bool = False
    uid: str = field(default_factory=lambda: str(uuid4()))
    format: int = FORMAT
    started_at: str = field(default_factory=lambda: utcnow().isoformat(timespec="seconds"))
    seconds: float = 0.0
    undone_at: str = ""
    pages: list[PageEntry] = field(default_factory=list)
    #: in how many links lead where: page, here, file, outside
    links: dict[str, int] = field(default_factory=dict)
    unresolved: list[dict[str, Any]] = field(default_factory=list)
    #: links that lead somewhere, but not quite as written
    remarks: list[dict[str, Any]] = field(default_factory=list)
    #: kind of conversion → how many; each with its line in ``notes``
    conversions: dict[str, int] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    #: front matter that has no place in Plein, by file
    front_matter: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=lambda: {"stored": 0, "unchanged": 0})
    unused_files: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def error(self, path: str, line: int, reason: str) -> None:
        self.errors.append({"file": path, "line": line, "reason": reason})

    def count(self, state: str) -> int:
        return sum(entry.state == state for entry in self.pages)

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(entry.state for entry in self.pages)
        return {state: found[state] for state in STATES}

    def tell(self, page: PlannedPage, entry: PageEntry) -> None:
        """Add what *page* has to tell, and which of its links lead to files that were refused."""
        path, report, notes = page.source.named, page.report, page.converted.notes
        for kind, number in report.resolved.items():
            self.links[kind] = self.links.get(kind, 0) + number
        for target, found in ((self.unresolved, report.unresolved), (self.remarks, report.remarks)):
            target += [{"file": path, "line": line, "target": to, "reason": why} for line, to, why in found]
        for name, why in entry.refused.items():
            for line, to in report.files.get(name, ()):
                self.links["file"] -= 1
                self.unresolved.append({"file": path, "line": line, "target": to, "reason": why})
        for note in notes.items:
            if note.kind == "front-matter-error":
                self.error(path, note.line, f"the front matter cannot be read: {note.text}")
            elif note.kind not in ("front-matter", "layout"):
                self.notes.append(note.as_json(path))
                self.conversions[note.kind] = self.conversions.get(note.kind, 0) + 1
        if page.converted.rest:
            self.front_matter[path] = page.converted.rest
        if page.converted.date:
            self.front_matter.setdefault(path, {})["date"] = page.converted.date

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "counts": self.counts}

    def write(self, folder: Path) -> Path:
        """Store the receipt in *folder*; its path. It is complete on disk before it has its name."""
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        path = folder / f"{self.uid}.json"
        temporary = path.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(self.as_json(), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        return path


def find_receipt(name: str, folder: Path) -> Path:
    """The file of the receipt *name*: a path, or the uid (or its first eight signs or more) of one in *folder*.

    :raises ReceiptError: where there is none, or more than one.
    """
    path = Path(name)
    if path.suffix == ".json" and path.is_file():
        return path
    if not re.fullmatch(r"[0-9a-f-]{8,36}", name):
        raise ReceiptError(f"There is no receipt {name}.")
    found = [each for each in sorted(folder.glob("*.json")) if each.stem.startswith(name)] if folder.is_dir() else []
    if len(found) != 1:
        raise ReceiptError(f"{name} fits several receipts." if found else f"There is no receipt {name} in {folder}.")
    return found[0]


def read_receipt(path: Path) -> Receipt:
    """:raises ReceiptError: when *path* does not hold a receipt."""
    try:
        values = json.loads(path.read_text("utf-8"))
        return _receipt(values)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ReceiptError(f"{path} is not a receipt of an import.") from error


def _receipt(values: Mapping[str, Any]) -> Receipt:
    if values["format"] != FORMAT or not _UID.fullmatch(values["uid"]):
        raise ValueError("another format")
    known = {name: values[name] for name in Receipt.__dataclass_fields__ if name in values}
    known["pages"] = [PageEntry(**page) for page in known["pages"]]
    for page in known["pages"]:
        texts = (page.key, page.state, page.uid, page.title)
        if not all(isinstance(text, str) for text in texts) or not isinstance(page.version, int):
            raise TypeError("a page with values of the wrong kind")
    datetime.fromisoformat(values["started_at"])
    return Receipt(**known)
