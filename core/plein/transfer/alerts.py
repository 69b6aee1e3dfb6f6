"""Alerts: the quotes that Plein shows as notes, tips and warnings, folded where the source folded them."""

from collections.abc import Sequence

from plein.transfer.lines import Line
from plein.transfer.notes import Notes

#: GitHub's five kinds of alert, by what the dialects of Markdown call them.
KINDS = {
    "note": "NOTE", "info": "NOTE", "todo": "NOTE", "seealso": "NOTE", "abstract": "NOTE", "summary": "NOTE",
    "tldr": "NOTE", "example": "NOTE", "question": "NOTE", "help": "NOTE", "faq": "NOTE",
    "tip": "TIP", "hint": "TIP", "success": "TIP", "check": "TIP", "done": "TIP",
    "important": "IMPORTANT", "warning": "WARNING", "attention": "WARNING",
    "caution": "CAUTION", "danger": "CAUTION", "error": "CAUTION", "failure": "CAUTION", "fail": "CAUTION",
    "missing": "CAUTION", "bug": "CAUTION",
}  # fmt: skip
QUOTES = ("quote", "cite")


def alert_head(kind: str, title: str | None, *, folded: bool, opened: bool, number: int, notes: Notes) -> list[Line]:
    """The first lines of an alert, without their quote mark."""
    title = " ".join((title or "").split())
    sign = "-" if folded else "+" if opened else ""
    if kind in QUOTES and not sign:
        notes.add("block", number, f"{kind} is a quote")
        return [Line(f"**{title}**", number), Line("", number)] if title else []
    alert = KINDS.get(kind)
    if alert is None:
        notes.add("block", number, f"{kind} is shown as a note")
        title = title or kind.replace("-", " ").replace("_", " ").capitalize()
    else:
        if kind.upper() != alert:
            notes.add("block", number, f"{kind} is shown as {alert.lower()}")
        if kind.upper() != alert and not title:
            title = kind.capitalize()
    return [Line(f"[!{alert or 'NOTE'}]{sign} {title}".rstrip(), number)]


def quoted(lines: Sequence[Line], margin: str = "") -> list[Line]:
    """*lines* as a quote, starting in from *margin*."""
    return [line._replace(text=f"{margin}> {line.text}".rstrip() if not line.code else f"{margin}> {line.text}")
            for line in lines]  # fmt: skip


def trimmed(lines: list[Line]) -> list[Line]:
    start, end = 0, len(lines)
    while start < end and not lines[start].text.strip():
        start += 1
    while end > start and not lines[end - 1].text.strip():
        end -= 1
    return lines[start:end]
