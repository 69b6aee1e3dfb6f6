"""What an import has to tell about a file: one note for each thing it changed, left out or could not do.

Nothing is dropped in silence, so every converter writes here, with the line of the source file.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to tell.

    :param kind: a word to count by: ``comment``, ``attributes``, ``icon``, ``html``, ``script``, ``template``, …
    :param line: of the source file, from 1; 0 where it concerns the whole file.
    :param text: what was found, or a sentence.
    """

    kind: str
    line: int
    text: str

    def as_json(self, path: str) -> dict[str, Any]:
        return {"kind": self.kind, "file": path, "line": self.line, "text": self.text}


@dataclass(slots=True)
class Notes:
    """The notes on one file, in the order in which they were made."""

    items: list[Note] = field(default_factory=list)

    def add(self, kind: str, line: int, text: str) -> None:
        self.items.append(Note(kind, line, shorten(text)))

    def counts(self) -> Counter[str]:
        return Counter(note.kind for note in self.items)

    def of(self, kinds: Iterable[str]) -> list[Note]:
        wanted = set(kinds)
        return [note for note in self.items if note.kind in wanted]


def shorten(text: str, length: int = 200) -> str:
    """*text* on one line, cut off where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
