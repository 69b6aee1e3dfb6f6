"""Which hit comes first: one formula, in Python, so that both databases agree on it. See ADR 0026.

When an item is indexed, each of its words gets a **weight**: how much the item is about it, between 0 and 1. That is
BM25F: how often the word stands in each field, each field counting by its own weight and length, brought down so that
the tenth time adds little (:func:`weights`). When somebody searches, an item's **score** is (:func:`score`)

    relevance = the weights of the words sought, averaged, a rare word counting more than one that stands everywhere
                + 0.35 × the part of the title that the words sought are, where all of them stand in it
    score     = relevance × (1 + 0.10 × fresh + 0.10 × popular - 0.15 × doubtful)

``fresh`` halves each half year since the item was changed or somebody said that it is still true; ``popular`` grows
with the logarithm of its reads in 90 days, up to 1,000; ``doubtful`` is 1 when readers say it is out of date, and two
thirds when its review date has passed.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

#: What a word in each field counts, beside one in the text; how long such a field usually is, in words; and how much a
#: longer one takes off.
FIELDS: Mapping[str, tuple[float, float, float]] = {
    "title": (10.0, 5, 0.4),
    "tags": (5.0, 4, 0.2),
    "headings": (2.5, 40, 0.3),
    "body": (1.0, 400, 0.5),
    "files": (0.5, 2000, 0.5),
}
#: How soon another time adds nothing: at this much the weight is a half.
SATURATION = 2.0
#: Bytes of all weights of an item. PostgreSQL keeps a row of up to 2,000 bytes in one place.
MAX_BYTES = 1800
#: The weight of a word that an item has and that is not among those kept.
LEAST = 1 / 26
#: What a synonym counts beside the word itself.
SYNONYM = 0.8

_TITLE_BONUS, _FRESH, _POPULAR, _DOUBTFUL = 0.35, 0.10, 0.10, 0.15
_HALF_LIFE_DAYS, _MOST_READS = 182.0, 1000
_LEVELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def weights(fields: Mapping[str, Sequence[str]]) -> str:
    """The weights of an item as one text, `` verlofT aanvragP``: the heaviest words, each with a letter from A to Z.

    :param fields: the stems in each of :data:`FIELDS`; lower case, so that a capital ends a word.
    """
    amounts: Counter[str] = Counter()
    for name, found in fields.items():
        weight, usual, share = FIELDS[name]
        length = 1 - share + share * len(found) / usual
        for word, times in Counter(found).items():
            amounts[word] += weight * times / length  # type: ignore[assignment]
    kept: list[str] = []
    left = MAX_BYTES
    for word, amount in sorted(amounts.items(), key=lambda one: (-one[1], one[0])):
        left -= len(word.encode()) + 2
        if left < 0:
            break
        kept.append(f" {word}{_LEVELS[min(25, int(26 * amount / (amount + SATURATION)))]}")
    return "".join(kept)


def weight_of(kept: str, word: str, *, prefix: bool = False) -> float:
    """The weight of *word* in an item with these weights; with *prefix* of the heaviest word that begins so."""
    sought, length = " " + word, len(word) + 1
    at = kept.find(sought)
    while at >= 0:
        end = at + length
        if prefix:
            while kept[end : end + 1] not in _LEVELS:
                end += 1
        if end < len(kept) and kept[end] in _LEVELS:
            return (_LEVELS.index(kept[end]) + 1) / 26
        at = kept.find(sought, end)
    return 0.0


def rarity(documents: int, all_documents: int) -> float:
    """How much a word that stands in so many of all items says (BM25's idf)."""
    return math.log(1 + (max(all_documents - documents, 0) + 0.5) / (documents + 0.5))


@dataclass(frozen=True, slots=True)
class Sought:
    """One word sought, as the score asks for it.

    :param forms: stems, any of which is the word. :param prefix: the beginning of what may be unfinished, or empty.
    :param also: words that mean the same; all of one entry together. :param rarity: see :func:`rarity`.
    """

    forms: tuple[str, ...]
    prefix: str = ""
    also: tuple[tuple[str, ...], ...] = ()
    rarity: float = 1.0

    def weight(self, kept: str) -> float:
        """How much an item with these weights is about it."""
        best = max((weight_of(kept, form) for form in self.forms), default=0.0)
        if self.prefix:
            # Not finished: a whole word of that spelling says more than one that only begins so.
            best = max(best, 0.9 * weight_of(kept, self.prefix, prefix=True))
        for words in self.also:
            found = [weight_of(kept, word) for word in words]
            if all(found):
                best = max(best, SYNONYM * sum(found) / len(found))
        return best


def relevance(kept: str, sought: Sequence[Sought], *, has_all: bool) -> tuple[float, float]:
    """How much an item is about the words sought, and which part of their number it has; both from 0 to 1.

    Only the number: how rare a word is on the whole site must not decide whether somebody finds a page.

    :param has_all: it is known to have all of them, also where its weights do not say so.
    """
    total = sum(one.rarity for one in sought) or 1.0
    amount, number = 0.0, 0
    for one in sought:
        found = one.weight(kept) or (LEAST if has_all else 0.0)
        amount += one.rarity * found
        number += 1 if found else 0
    return amount / total, number / len(sought)


def score(row: Any, relevant: float, *, words: int, in_title: bool, today: date) -> int:
    """The score of an item, in millionths.

    :param row: ``title_words``, ``updated_at``, ``reviewed_at``, ``review_on``, ``popularity``, ``open_reports``.
    :param relevant: see :func:`relevance`. :param words: how many words are sought.
    :param in_title: all of them stand in the title.
    """
    if in_title and row.title_words:
        relevant += _TITLE_BONUS * min(1.0, words / row.title_words)
    changed: datetime = max(row.updated_at, row.reviewed_at) if row.reviewed_at else row.updated_at
    age = max(0, (today - changed.date()).days)
    popular = min(1.0, math.log1p(max(0, row.popularity)) / math.log1p(_MOST_READS))
    doubtful = 1.0 if row.open_reports else 2 / 3 if row.review_on and row.review_on < today else 0.0
    factor = 1 + _FRESH * 0.5 ** (age / _HALF_LIFE_DAYS) + _POPULAR * popular - _DOUBTFUL * doubtful
    return round(1_000_000 * relevant * factor)
