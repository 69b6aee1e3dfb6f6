"""Numbers about people: none about fewer than ten, and none from which such a number follows.

Nothing here knows a person: it is given counts, and takes away those that would say something of somebody.
"""

from collections.abc import Mapping
from typing import TypeVar

#: Fewer people than this are not counted in sight.
FEWEST = 10

K = TypeVar("K")


def shown(counts: Mapping[K, int], *, total_is_known: bool = True) -> dict[K, int | None]:
    """*counts* as they may be shown: ``None`` for "fewer than ten".

    :param counts: how many people are in each of several sets that do not overlap.
    :param total_is_known: the whole stands elsewhere, so that one number that is missing could be worked out. Then the
        smallest of the others is left out too, until those that are left out are ten together.
    """
    found: dict[K, int | None] = {
        key: (number if number >= FEWEST or number == 0 else None) for key, number in counts.items()
    }
    hidden = sum(number for key, number in counts.items() if found[key] is None)
    if total_is_known and hidden:
        for key in sorted((key for key in counts if found[key]), key=lambda key: counts[key]):
            if hidden >= FEWEST and sum(value is None for value in found.values()) > 1:
                break
            found[key] = None
            hidden += counts[key]
    return found
