"""The audit log as a file: JSON Lines, or CSV for a spreadsheet. Made line by line, however long the log is."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Any

from plein.audit.chain import FIELDS

#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def json_lines(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One entry a line, with the hash, so that the chain can be verified from the file alone."""
    for entry in entries:
        yield json.dumps(_plain(entry), ensure_ascii=False) + "\n"


def csv_lines(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The same for a spreadsheet: details as JSON in one cell, and no cell that would be run as a formula."""
    yield _row(FIELDS)
    for entry in entries:
        plain = _plain(entry)
        plain["details"] = json.dumps(plain["details"], ensure_ascii=False) if plain["details"] else ""
        yield _row(["" if plain[name] is None else plain[name] for name in FIELDS])


#: What can be asked for, and the media type.
FORMATS: dict[str, tuple[Callable[[Iterable[dict[str, Any]]], Iterator[str]], str]] = {
    "jsonl": (json_lines, "application/x-ndjson"),
    "csv": (csv_lines, "text/csv"),
}


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "at": entry["at"].isoformat(timespec="microseconds")}


def _row(cells: Iterable[Any]) -> str:
    out = StringIO()
    csv.writer(out).writerow([_safe(str(cell)) for cell in cells])
    return out.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
