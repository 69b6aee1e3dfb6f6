"""A field of a content type's own: core asks for it, checks it, shows it, keeps it in the history and finds by it."""

import re
from dataclasses import dataclass
from typing import Literal

from plein.contributions.checks import check_title, require

FieldKind = Literal["line", "text", "url", "number", "date", "yes", "choice"]
FIELD_KINDS = ("line", "text", "url", "number", "date", "yes", "choice")

_COLUMN = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
#: What every item has and what saving it is told beside: a type's own field cannot be called so.
_TAKEN = frozenset(
    (
        *("id", "uid", "type", "space", "title", "slug", "body", "html", "text", "outline", "tags", "state", "author"),
        *("owner", "language", "restricted", "version", "note", "readers", "base_version", "act", "minor", "preview"),
        *("kind", "slug", "reason", "fields", "extra", "item"),
        *("when", "expires", "reviewer"),
    )
)


@dataclass(frozen=True, slots=True)
class Field:
    """Something that items of a type have beside title, text and tags, in a column of the type's own table.

    What is not filled in is stored as the column's empty value: ``None`` for a number or a date, ``""`` for a text.

    :param name: of the column and of the field in the form: ``address``.
    :param title: what stands above it: "Address".
    :param kind: ``line``, ``text`` (several lines), ``url`` (http or https), ``number`` (whole), ``date``, ``yes`` (a
        tick) or ``choice``.
    :param hint: a line of help below the title.
    :param required: it cannot be left empty.
    :param choices: for ``choice``: pairs of what is stored and what people read.
    :param maximum: the greatest length of a text, or the greatest number.
    :param listed: whether tables of items have a column for it.
    :param permission: who may fill it in; who may not sees what others filled in. By default who may edit the item.
    """

    name: str
    title: str
    kind: FieldKind = "line"
    hint: str = ""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    maximum: int = 2_000
    listed: bool = False
    permission: str = ""

    def __post_init__(self) -> None:
        owner = f"field {self.name!r}"
        require(bool(_COLUMN.fullmatch(self.name)), f"{owner} needs a name of lower-case words, such as 'due_on'")
        require(self.name not in _TAKEN, f"{owner} has the name of something that every item has; give another name")
        check_title(owner, self.title)
        require(self.kind in FIELD_KINDS, f"{owner} has the kind {self.kind!r}; use {', '.join(FIELD_KINDS)}")
        require((self.kind == "choice") == bool(self.choices), f"{owner} needs choices if, and only if, it is a choice")
        require(type(self.maximum) is int and self.maximum > 0, f"{owner} has the maximum {self.maximum!r}")
