"""Merge of two edits of the same text, so that saving at the same time costs nobody a word.

The method is diff3 as described by Khanna, Kunal and Pierce, "A Formal Investigation of Diff3" (FSTTCS 2007). Why it
is our own: docs/adr/0001-own-three-way-merge.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from plein.content.matching import matches


@dataclass(frozen=True)
class Conflict:
    """A place that both changed, each in another way: what stood there, and what each made of it.

    ``line`` is the line (from 1) of ``Merge.text`` where ``mine`` stands, or would stand when it is empty. The lines
    tell nothing from one empty line.
    """

    base: str
    mine: str
    theirs: str
    line: int
    mine_lines: tuple[str, ...] = field(default=(), compare=False)
    theirs_lines: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Merge:
    """The outcome. Where a conflict is, ``text`` holds mine; theirs is in the conflict."""

    text: str
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything could be put together."""
        return not self.conflicts

    def settled(self, choices: Sequence[Sequence[str]]) -> str:
        """The text with, for each conflict in order, the lines that were chosen where mine stand."""
        lines = self.text.split("\n")
        for conflict, chosen in reversed(list(zip(self.conflicts, choices, strict=True))):
            start = conflict.line - 1
            lines[start : start + len(conflict.mine_lines)] = chosen
        return "\n".join(lines)


def merge3(base: str, mine: str, theirs: str) -> Merge:
    """Put the changes from ``base`` to ``mine`` and from ``base`` to ``theirs`` into one text, line by line.

    A line that one side changed is taken from that side; a stretch that both changed differently is a conflict.
    Line ends of Windows become ``\\n`` as soon as there is something to merge. Work is bounded (see
    :mod:`plein.content.matching`); texts too different to match give larger conflicts, never lost lines.
    """
    if mine == theirs or theirs == base:
        return Merge(mine)
    if mine == base:
        return Merge(theirs)
    return _Merger(_lines(base), _lines(mine), _lines(theirs)).run()


def _lines(text: str) -> list[str]:
    # Not splitlines(): that also splits at form feeds and the like, which could not be put back.
    return text.replace("\r\n", "\n").split("\n")


class _Merger:
    def __init__(self, base: list[str], mine: list[str], theirs: list[str]) -> None:
        self.base, self.mine, self.theirs = base, mine, theirs
        self.result: list[str] = []
        self.conflicts: list[Conflict] = []

    def run(self) -> Merge:
        in_mine, in_theirs = dict(matches(self.base, self.mine)), dict(matches(self.base, self.theirs))
        at = at_mine = at_theirs = 0
        for index, line in enumerate(self.base):
            # A line that all three have closes the stretch before it.
            if index in in_mine and index in in_theirs:
                self._stretch(at, index, at_mine, in_mine[index], at_theirs, in_theirs[index])
                self.result.append(line)
                at, at_mine, at_theirs = index + 1, in_mine[index] + 1, in_theirs[index] + 1
        self._stretch(at, len(self.base), at_mine, len(self.mine), at_theirs, len(self.theirs))
        return Merge("\n".join(self.result), self.conflicts)

    def _stretch(self, at: int, end: int, at_mine: int, end_mine: int, at_theirs: int, end_theirs: int) -> None:
        base, mine, theirs = self.base[at:end], self.mine[at_mine:end_mine], self.theirs[at_theirs:end_theirs]
        if mine == theirs or theirs == base:
            self.result += mine
        elif mine == base:
            self.result += theirs
        else:
            line = len(self.result) + 1
            texts = ("\n".join(base), "\n".join(mine), "\n".join(theirs))
            self.conflicts.append(Conflict(*texts, line, tuple(mine), tuple(theirs)))
            self.result += mine
