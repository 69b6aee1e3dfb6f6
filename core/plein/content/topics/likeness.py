"""Tags that look alike: a plural, a sign more or less, one letter apart. People decide what becomes of them."""

from collections.abc import Iterable, Iterator

from plein.web.slugs import kebab

#: Of shorter words one letter makes another word.
_SHORTEST = 5
_ENDINGS = ("'s", "en", "s", "n", "es")


def alike(words: Iterable[tuple[int, str]]) -> list[tuple[int, int]]:
    """Pairs of the numbers of tags whose words (folded) look alike, in time that grows with the number of words."""
    seen: dict[str, list[tuple[int, str]]] = {}
    pairs: dict[tuple[int, int], None] = {}
    for number, word in words:
        for key in set(_keys(word)):
            for other, known in seen.get(key, ()):
                if other != number and _is_alike(word, known):
                    pairs[min(number, other), max(number, other)] = None
            seen.setdefault(key, []).append((number, word))
    return list(pairs)


def _keys(word: str) -> Iterator[str]:
    """What two words that look alike have in common at least one of."""
    yield word
    plain = kebab(word).replace("-", "")
    if plain:
        yield plain
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            yield word[: -len(ending)]
    if len(word) >= _SHORTEST:
        # Two words one letter apart become the same when the right letter is taken out of either.
        yield from (word[:at] + word[at + 1 :] for at in range(len(word)))


def _is_alike(one: str, other: str) -> bool:
    if kebab(one).replace("-", "") == kebab(other).replace("-", "") != "":
        return True
    short, long = sorted((one, other), key=len)
    if long.startswith(short) and long[len(short) :] in _ENDINGS and len(short) >= 3:
        return True
    return len(short) >= _SHORTEST and _one_apart(short, long)


def _one_apart(short: str, long: str) -> bool:
    """Whether one letter is another one, stands elsewhere, or is more. Numbers are never alike: 2025 is not 2026."""
    at = next((at for at in range(len(short)) if short[at] != long[at]), len(short))
    if short[at : at + 1].isdigit() or long[at : at + 1].isdigit():
        return False
    if len(short) == len(long):
        swapped = short[:at] + short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
        return short[at + 1 :] == long[at + 1 :] or swapped == long
    return len(long) == len(short) + 1 and short[at:] == long[at + 1 :]
