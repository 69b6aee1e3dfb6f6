"""A guard against work that grows faster than what it is given: hostile text, pictures made to exhaust.

It is no measure of speed (``tests/bench`` holds those). The work is set against a floor, a fixed piece of Python run
just before it on the same core, so that a slow machine has slow floors too; only the thread's own CPU counts, and
what other tests left behind is not looked through for garbage meanwhile.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time


def _floor() -> float:
    """Seconds of CPU for counting 200,000 words: about 25 ms on an ordinary core."""
    start = thread_time()
    counted: dict[str, int] = {}
    for number in range(200_000):
        word = str(number % 977)
        counted[word] = counted.get(word, 0) + 1
    return thread_time() - start


@contextmanager
def bounded(floors: int) -> Iterator[None]:
    """Fail when the block takes more than ``floors`` times the CPU of the floor; 40 are about a second."""
    gc.freeze()
    try:
        floor = _floor()
        start = thread_time()
        yield
        spent = (thread_time() - start) / floor
    finally:
        gc.unfreeze()
    assert spent < floors, f"it took {spent:.0f} times the floor, at most {floors}"
