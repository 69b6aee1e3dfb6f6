"""What changed between two versions of a text: lines, and inside a changed line the words.

The answer is data, not HTML, so that the template escapes every piece of text itself.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from plein.content.matching import matches

#: Unchanged lines shown around a change.
CONTEXT = 3
#: Two lines sharing at least this part of their words count as one changed line.
ALIKE = 0.4
#: Above this number of combinations, lines of a stretch are paired in order instead of by best fit.
MAX_COMBINATIONS = 4_000
#: Steps for the words of one line; a line of thousands of changed words is shown as replaced.
WORD_STEPS = 20_000
#: Steps for the words of all lines of one comparison.
ALL_WORD_STEPS = 600_000
#: Rows of one comparison; nobody reads more, and a page of a hundred thousand would stall the browser.
MAX_ROWS = 5_000

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line: in both versions, only in the old, or only in the new."""

    kind: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the comparison. Line numbers count from 1; ``old_no`` is None in an added line, ``new_no`` in a
    removed one. A gap has the numbers of its first folded line, no segments, and says how many lines it folds."""

    kind: Literal["same", "removed", "added", "changed", "gap"]
    old_no: int | None
    new_no: int | None
    segments: tuple[Segment, ...] = ()
    folded: int = 0


def compare(old: str, new: str) -> list[Row]:
    """Rows for a unified view of ``old`` → ``new``; empty when they are equal, line ends of Windows aside.

    Work is bounded: very long and very different texts come out as removed and added lines, and after MAX_ROWS rows
    the rest is one gap.
    """
    before, after = _lines(old), _lines(new)
    if before == after:
        return []
    return _limit(_fold(_Comparison(before, after).rows()), len(before), len(after))


def _lines(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").split("\n")
    # A final line end is no line of its own.
    return lines[:-1] if lines[-1] == "" else lines


class _Comparison:
    def __init__(self, old: list[str], new: list[str]) -> None:
        self.old, self.new = old, new
        self.steps = ALL_WORD_STEPS

    def rows(self) -> Iterator[Row]:
        at = at_new = 0
        for index, index_new in [*matches(self.old, self.new), (len(self.old), len(self.new))]:
            yield from self._stretch(at, index, at_new, index_new)
            if index < len(self.old):
                yield Row("same", index + 1, index_new + 1, (Segment("same", self.old[index]),))
            at, at_new = index + 1, index_new + 1

    def _stretch(self, at: int, end: int, at_new: int, end_new: int) -> Iterator[Row]:
        for index, index_new in [*self._pairs(at, end, at_new, end_new), (end, end_new)]:
            for number in range(at, index):
                yield Row("removed", number + 1, None, (Segment("removed", self.old[number]),))
            for number in range(at_new, index_new):
                yield Row("added", None, number + 1, (Segment("added", self.new[number]),))
            if index < end:
                yield Row("changed", index + 1, index_new + 1, self._words(self.old[index], self.new[index_new]))
            at, at_new = index + 1, index_new + 1

    def _pairs(self, at: int, end: int, at_new: int, end_new: int) -> list[tuple[int, int]]:
        """Lines of a replaced stretch that are versions of each other, in order."""
        if at == end or at_new == end_new or self.steps <= 0:
            return []
        old = [_bag(line) for line in self.old[at : min(end, at + MAX_ROWS)]]
        new = [_bag(line) for line in self.new[at_new : min(end_new, at_new + MAX_ROWS)]]
        if len(old) * len(new) <= MAX_COMBINATIONS:
            pairs = _best_pairs(old, new)
        else:
            pairs = [(i, i) for i in range(min(len(old), len(new))) if _likeness(old[i], new[i]) >= ALIKE]
        return [(at + i, at_new + j) for i, j in pairs]

    def _words(self, old: str, new: str) -> tuple[Segment, ...]:
        before, after = _WORDS.findall(old), _WORDS.findall(new)
        self.steps -= len(before) + len(after)
        if self.steps <= 0:
            return (Segment("removed", old), Segment("added", new))
        return _segments(before, after)


def _segments(before: list[str], after: list[str]) -> tuple[Segment, ...]:
    parts: list[Segment] = []
    at = at_new = 0
    same = ""
    for index, index_new in [*_solid(before, after), (len(before), len(after))]:
        removed, added = "".join(before[at:index]), "".join(after[at_new:index_new])
        if removed or added:
            parts += [Segment("same", same)] if same else []
            parts += [Segment("removed", removed)] if removed else []
            parts += [Segment("added", added)] if added else []
            same = ""
        same += before[index] if index < len(before) else ""
        at, at_new = index + 1, index_new + 1
    return tuple([*parts, Segment("same", same)] if same else parts)


def _solid(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """Shared words, without lone blanks between two changes: these would chop a changed phrase into crumbs."""
    pairs = matches(before, after, WORD_STEPS)
    keep: list[tuple[int, int]] = []
    for place, (i, j) in enumerate(pairs):
        joined_before = place > 0 and pairs[place - 1] == (i - 1, j - 1)
        joined_after = place + 1 < len(pairs) and pairs[place + 1] == (i + 1, j + 1)
        at_edge = (i == 0 and j == 0) or (i == len(before) - 1 and j == len(after) - 1)
        if joined_before or joined_after or at_edge or not before[i].isspace():
            keep.append((i, j))
    return keep


def _bag(line: str) -> Counter[str]:
    return Counter(word for word in _WORDS.findall(line[:4000]) if not word.isspace())


def _likeness(old: Counter[str], new: Counter[str]) -> float:
    """Shared part of the words, 0 to 1 (Dice)."""
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 0.0


def _best_pairs(old: list[Counter[str]], new: list[Counter[str]]) -> list[tuple[int, int]]:
    """The pairs, in order on both sides, that are most alike together (dynamic programming)."""
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[_likeness(one, other) for other in new] for one in old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            skip = max(best[i + 1][j], best[i][j + 1])
            take = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= ALIKE else 0.0
            best[i][j] = max(skip, take)
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if alike[i][j] >= ALIKE and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _fold(rows: Iterator[Row]) -> Iterator[Row]:
    """Long unchanged runs replaced by a gap, CONTEXT lines kept on each side of a change."""
    same: list[Row] = []
    before = 0
    for row in rows:
        if row.kind == "same":
            same.append(row)
            continue
        yield from _shorten(same, before, CONTEXT)
        yield row
        same, before = [], CONTEXT
    yield from _shorten(same, before, 0)


def _shorten(same: list[Row], before: int, after: int) -> list[Row]:
    """An unchanged run of which ``before`` rows at its start and ``after`` at its end are near a change."""
    folded = len(same) - before - after
    if folded < 2:
        # Folding a single line would save nothing.
        return same
    first = same[before]
    return [*same[:before], Row("gap", first.old_no, first.new_no, folded=folded), *same[len(same) - after :]]


def _limit(rows: Iterator[Row], before: int, after: int) -> list[Row]:
    """At most MAX_ROWS rows; the rest is one last gap, with the number of lines of the longer version."""
    shown = list(islice(rows, MAX_ROWS))
    if next(rows, None) is None:
        return shown
    old_no = max((row.old_no or 0) + max(row.folded - 1, 0) for row in shown) + 1
    new_no = max((row.new_no or 0) + max(row.folded - 1, 0) for row in shown) + 1
    shown.append(Row("gap", old_no, new_no, folded=max(before - old_no, after - new_no) + 1))
    return shown
