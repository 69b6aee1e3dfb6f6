"""What a person at the command line sees of the receipt of an import: counts first, then what needs a look."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from plein.transfer.receipt import Receipt

_STATES = {
    "created": "new",
    "updated": "changed",
    "merged": "changed, with what people wrote",
    "unchanged": "unchanged",
    "conflict": "left alone: people changed the same lines",
    "skipped": "left alone: thrown away in Plein",
    "gone": "no longer in the folder, left alone",
    "error": "not brought in",
}
_CONVERSIONS = {
    "attributes": "attribute lists removed",
    "block": "blocks shown as another kind",
    "comment": "comments left out",
    "diagram": "drawings in text kept as code",
    "dropped": "things without a meaning here left out",
    "embedded": "films and frames made links",
    "encoding": "remarks on encoding",
    "html": "pieces of HTML made Markdown",
    "icon": "icons removed",
    "labels": "places for labels",
    "list": "lists written out",
    "mark": "small marks made Markdown",
    "script": "scripts and styles left out",
    "summary": "summaries made first paragraphs",
    "tab": "tabs made labels",
    "template": "template tags kept as text",
    "title": "titles cut off",
}


def show_receipt(receipt: Receipt, path: Path | None, *, limit: int) -> None:
    """Print *receipt* to standard output, lists cut off at *limit* lines.

    :param path: where it is kept; ``None`` for a dry run.
    """
    console = Console(highlight=False, soft_wrap=True)
    heading = "Would import" if receipt.dry_run else "Imported"
    console.print(f"{heading} {escape(receipt.folder)} into {escape(receipt.space)} in {receipt.seconds} s")
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    for state, number in receipt.counts.items():
        if number:
            table.add_row(str(number), f"pages {_STATES[state]}")
    links = receipt.links
    inside = sum(links.get(kind, 0) for kind in ("page", "here", "file"))
    table.add_row(str(receipt.files["stored"]), "files stored")
    table.add_row(str(inside), "links to pages and files of the import")
    table.add_row(str(links.get("outside", 0)), "links to other sites")
    table.add_row(str(len(receipt.unresolved)), "links that lead nowhere")
    for kind, number in sorted(receipt.conversions.items()):
        table.add_row(str(number), _CONVERSIONS.get(kind, kind))
    console.print(table)
    _list(console, "Errors", [_place(each, each["reason"]) for each in receipt.errors], limit * 4)
    _list(console, "Links that lead nowhere", [_link(each) for each in receipt.unresolved], limit * 2)
    _list(console, "Links that lead somewhere else than written", [_link(each) for each in receipt.remarks], limit)
    _list(console, "Left alone", [f"{entry.path}: {entry.reason}" for entry in receipt.pages
                                  if entry.state in ("conflict", "skipped", "gone")], limit)  # fmt: skip
    _list(console, "Not read", [f"{name}: {reason}" for name, reason in receipt.skipped.items()], limit)
    _list(console, "Files that no page uses, not brought in", receipt.unused_files, limit)
    if path is not None:
        console.print(f"Receipt: {escape(str(path))}\nUndo with: plein import undo {receipt.uid}")


def _list(console: Console, heading: str, lines: Sequence[str], limit: int) -> None:
    if not lines:
        return
    console.print(f"\n[bold]{heading}[/bold] ({len(lines)})")
    for line in lines[:limit]:
        console.print(f"  {escape(line)}")
    if len(lines) > limit:
        console.print(f"  … and {len(lines) - limit} more, in the receipt")


def _place(each: dict[str, Any], text: str) -> str:
    line = f":{each['line']}" if each["line"] else ""
    return f"{each['file']}{line}: {text}"


def _link(each: dict[str, Any]) -> str:
    return _place(each, f"{each['target'] or '(empty)'}: {each['reason']}")
