"""Rows by the thousand: as many as one statement takes."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

#: SQLite takes at most 32,766 values in a statement, and no row of ours has thirty.
BATCH = 1_000


def batches(rows: Iterable[T]) -> Iterator[list[T]]:
    """*rows*, a thousand at a time."""
    waiting = iter(rows)
    while some := list(islice(waiting, BATCH)):
        yield some
