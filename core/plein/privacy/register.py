"""The register of processing (AVG, article 30), made of what the core and each plugin declare."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

from plein.plugins import Plugins
from plein.web.i18n import _

BASES = {
    "contract": _("Needed for the work"),
    "legal": _("Required by law"),
    "public": _("A task in the public interest"),
    "interest": _("A legitimate interest"),
    "consent": _("Given by the person, who can take it away"),
}
ERASED = {"delete": _("Deleted"), "unlink": _("Disconnected"), "keep": _("Kept without a name")}
HEAD = (
    _("Purpose"),
    _("Basis"),
    _("Kept for"),
    _("When somebody is erased"),
    _("Part"),
    _("Table"),
    _("Columns"),
)


def register(plugins: Plugins) -> list[tuple[Any, ...]]:
    """A row for each declaration, in the order of :data:`HEAD`."""
    return [
        (
            data.purpose,
            BASES[data.basis],
            data.kept_for,
            ERASED[data.erased],
            owner,
            data.table,
            ", ".join((*data.columns, *data.withheld)),
        )
        for owner, data in plugins.personal_data
    ]


def as_csv(plugins: Plugins, translate: Callable[[Any], str]) -> str:
    """The register as a table for a spreadsheet. No cell can be taken for a formula."""
    text = StringIO()
    writer = csv.writer(text)
    for row in (HEAD, *register(plugins)):
        writer.writerow([_cell(translate(cell)) for cell in row])
    return text.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def as_markdown(plugins: Plugins, translate: Callable[[Any], str]) -> str:
    """The register as a table in Markdown."""
    lines = [[translate(cell).replace("|", "\\|") for cell in row] for row in (HEAD, *register(plugins))]
    lines.insert(1, ["---"] * len(HEAD))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
