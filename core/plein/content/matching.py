"""Which lines (or words) two texts share, in order. Merging and comparing both stand on this one answer.

Python's difflib is quadratic in repeated lines and worse; here the work is bounded: unique lines are matched first
(Bram Cohen's patience difference), what lies between by Myers' greedy algorithm ("An O(ND) Difference Algorithm and
Its Variations", 1986) until a fixed number of steps is spent. After that, the rest counts as different: coarser,
never wrong.
"""

from bisect import bisect_left
from collections.abc import Hashable, Sequence

#: Steps of the greedy search for one call of :func:`matches`; 1.5 million take about half a second.
STEPS = 1_500_000
#: Edits that the greedy search looks for in one stretch; it keeps a row of this length per edit.
MAX_EDITS = 600

# Of a diagonal that left the grid: low enough that one step further is still outside.
_NEVER = -2

Items = Sequence[Hashable]


def matches(old: Items, new: Items, steps: int = STEPS) -> list[tuple[int, int]]:
    """Pairs (index in ``old``, index in ``new``) of equal items, both strictly increasing.

    ``steps`` bounds the work; at most about ``steps`` + the lengths, whatever the texts.
    """
    search = _Search(old, new, steps)
    search.run()
    return search.pairs


class _Search:
    def __init__(self, old: Items, new: Items, steps: int) -> None:
        self.old, self.new, self.steps = old, new, steps
        self.pairs: list[tuple[int, int]] = []

    def run(self) -> None:
        # A stack instead of recursion: a text of many thousands of unique lines must not exhaust Python's.
        todo: list[tuple[int, int, int, int] | list[tuple[int, int]]] = [(0, len(self.old), 0, len(self.new))]
        while todo:
            job = todo.pop()
            if isinstance(job, list):
                self.pairs.extend(job)
                continue
            todo.extend(reversed(self._split(*job)))

    def _split(
        self, low: int, high: int, low_new: int, high_new: int
    ) -> list[tuple[int, int, int, int] | list[tuple[int, int]]]:
        old, new = self.old, self.new
        head: list[tuple[int, int]] = []
        while low < high and low_new < high_new and old[low] == new[low_new]:
            head.append((low, low_new))
            low, low_new = low + 1, low_new + 1
        tail: list[tuple[int, int]] = []
        while low < high and low_new < high_new and old[high - 1] == new[high_new - 1]:
            high, high_new = high - 1, high_new - 1
            tail.append((high, high_new))
        tail.reverse()
        if low == high or low_new == high_new:
            return [head, tail]
        anchors = self._anchors(low, high, low_new, high_new)
        if not anchors:
            return [head, self._greedy(low, high, low_new, high_new), tail]
        parts: list[tuple[int, int, int, int] | list[tuple[int, int]]] = [head]
        for at, at_new in anchors:
            parts.append((low, at, low_new, at_new))
            parts.append([(at, at_new)])
            low, low_new = at + 1, at_new + 1
        parts += [(low, high, low_new, high_new), tail]
        return parts

    def _anchors(self, low: int, high: int, low_new: int, high_new: int) -> list[tuple[int, int]]:
        """The longest increasing run of items that occur exactly once on both sides."""
        self.steps -= (high - low) + (high_new - low_new)
        if self.steps < 0:
            return []
        where: dict[Hashable, int] = {}
        for at in range(low, high):
            where[self.old[at]] = -1 if self.old[at] in where else at
        where_new: dict[Hashable, int] = {}
        for at in range(low_new, high_new):
            where_new[self.new[at]] = -1 if self.new[at] in where_new else at
        pairs = [(at, where_new.get(item, -1)) for item, at in where.items() if at >= 0]
        return _longest_increasing([pair for pair in pairs if pair[1] >= 0])

    def _greedy(self, low: int, high: int, low_new: int, high_new: int) -> list[tuple[int, int]]:
        """Myers' search in one stretch; nothing when it needs more than MAX_EDITS edits or the steps are spent."""
        old, new = self.old, self.new
        size, size_new = high - low, high_new - low_new
        reach = {1: 0}
        trail: list[dict[int, int]] = []
        for edits in range(min(size + size_new, MAX_EDITS) + 1):
            self.steps -= edits + 1
            if self.steps < 0:
                return []
            now: dict[int, int] = {}
            for k in range(-edits, edits + 1, 2):
                x = reach.get(k + 1, _NEVER) if _goes_down(reach, k, edits) else reach.get(k - 1, _NEVER) + 1
                y = x - k
                if x < 0 or x > size or y < 0 or y > size_new:
                    continue
                start = x
                while x < size and y < size_new and old[low + x] == new[low_new + y]:
                    x, y = x + 1, y + 1
                self.steps -= x - start
                now[k] = x
                if x == size and y == size_new:
                    trail.append(now)
                    return _walk_back(trail, low, low_new, size, size_new)
            trail.append(now)
            reach = now
        return []


def _goes_down(reach: dict[int, int], k: int, edits: int) -> bool:
    return k == -edits or (k != edits and reach.get(k - 1, _NEVER) < reach.get(k + 1, _NEVER))


def _walk_back(trail: list[dict[int, int]], low: int, low_new: int, x: int, y: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for edits in range(len(trail) - 1, -1, -1):
        k = x - y
        if edits == 0:
            from_x = from_y = 0
        else:
            reach = trail[edits - 1]
            from_k = k + 1 if _goes_down(reach, k, edits) else k - 1
            from_x = reach[from_k]
            from_y = from_x - from_k
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            pairs.append((low + x, low_new + y))
        x, y = from_x, from_y
    pairs.reverse()
    return pairs


def _longest_increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of ``pairs`` (sorted by the first number) in which the second number rises too."""
    ends: list[int] = []
    at_end: list[int] = []
    before: list[int] = []
    for index, (_, value) in enumerate(pairs):
        place = bisect_left(ends, value)
        before.append(at_end[place - 1] if place else -1)
        if place == len(ends):
            ends.append(value)
            at_end.append(index)
        else:
            ends[place], at_end[place] = value, index
    chosen: list[tuple[int, int]] = []
    index = at_end[-1] if at_end else -1
    while index >= 0:
        chosen.append(pairs[index])
        index = before[index]
    chosen.reverse()
    return chosen
