"""Snippets: the piece of an item's own text where the words sought stand, with those words marked.

Our own, on the original text, so that it looks alike on both databases and nothing has to be unescaped.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from os.path import commonprefix
from typing import Any, NamedTuple
from unicodedata import normalize

from plein.search.query import Query, Term
from plein.search.text import LANGUAGES, MAX_WORD, stem
from plein.web.folding import fold

#: Characters of a snippet.
WIDTH = 240
#: Places looked at in one text; a word that stands there a thousand times needs no better window.
_MAX_MATCHES = 200
#: Where a word may start and end in the original text; an apostrophe ends it.
_WORD = re.compile(r"[^\W_]+")
_ELLIPSIS = "…"


class Segment(NamedTuple):
    """A piece of a snippet; templates escape the text and mark what matches."""

    text: str
    is_match: bool


class _Match(NamedTuple):
    start: int
    end: int
    term: int


class Highlighter:
    """Marks the words of one query in any number of texts."""

    def __init__(self, query: Query) -> None:
        self._terms = [_WordsOf(term) for term in query.required if not term.is_tag]
        starts = {start for term in self._terms for start in term.starts}
        self._likely = _pattern(starts) if starts and all(starts) else _WORD
        #: Whether there is anything to mark; tags and filters are not.
        self.has_words = bool(self._terms)
        #: The term of each word met: twenty texts are made of few different words.
        self._known: dict[str, int | None] = {}

    def title(self, text: str) -> list[Segment]:
        """The whole of a title, with what matches."""
        text = normalize("NFC", text)
        return _cut(text, 0, len(text), self._matches(text, _WORD))

    def snippet(self, text: str, width: int = WIDTH, *, thorough: bool = True) -> list[Segment]:
        """About *width* characters of *text*: where most of the different words stand close together.

        Without a match, because only the title or a tag has the word: the beginning.

        :param thorough: look at every word where none begins like those sought; slow in a long text.
        """
        text = normalize("NFC", text)
        found = self._matches(text, self._likely)
        if thorough and not found and self._likely is not _WORD and self._terms:
            # "gelopen" is found by "lopen" and does not begin like it.
            found = self._matches(text, _WORD)
        start, end = _window(text, _best(found, width), width)
        segments = _cut(text, start, end, found)
        if start > 0:
            segments.insert(0, Segment(_ELLIPSIS, False))
        if end < len(text):
            segments.append(Segment(_ELLIPSIS, False))
        return segments

    def _matches(self, text: str, pattern: re.Pattern[str]) -> list[_Match]:
        found: list[_Match] = []
        for match in pattern.finditer(text):
            written = match.group()
            number = self._known.get(written, _UNKNOWN)
            if number is _UNKNOWN:
                number = self._known[written] = self._term_of(fold(written)[:MAX_WORD])
            if number is not None:
                found.append(_Match(match.start(), match.end(), number))
            if len(found) >= _MAX_MATCHES:
                break
        return found

    def _term_of(self, word: str) -> int | None:
        """The number of the first term that a folded word fits."""
        return next((number for number, term in enumerate(self._terms) if term.has(word)), None)


_UNKNOWN: Any = object()


class _WordsOf:
    """The words that one term stands for."""

    def __init__(self, term: Term) -> None:
        written = [*term.words, *term.compounds, *(word for words, _beside in term.also for word in words)]
        self.stems = {(language, stem(word, language)) for word in written for language in LANGUAGES}
        self.prefix = term.words[-1] if term.prefix else ""
        self.starts = {commonprefix([word, *(stem(word, language) for language in LANGUAGES)]) for word in written}

    def has(self, word: str) -> bool:
        if self.prefix and word.startswith(self.prefix):
            return True
        return any((language, stem(word, language)) in self.stems for language in LANGUAGES)


def _pattern(starts: set[str]) -> re.Pattern[str]:
    """Words that begin like one of *starts*, accents or not: a quick sieve before stems are compared."""
    options = "|".join("".join(_ACCENTED.get(c, c) for c in start[:4]) for start in sorted(starts))
    return re.compile(rf"(?<![^\W_])(?:{options})[^\W_]*", re.IGNORECASE)


#: What a folded letter may have been in a Dutch or English text. Anything rarer is found by the slow way.
_ACCENTED = {
    "a": "[aàáâãäå]",
    "c": "[cç]",
    "e": "[eèéêë]",
    "i": "[iìíîï]",
    "n": "[nñ]",
    "o": "[oòóôõöø]",
    "u": "[uùúûü]",
    "y": "[yýÿ]",
}


def _best(found: Sequence[_Match], width: int) -> tuple[int, int] | None:
    """Where the window goes: the matches that stand for most terms, then the most matches, then the first."""
    best: tuple[int, int] | None = None
    best_score = (0, 0)
    starts = [match.start for match in found]
    for first, match in enumerate(found):
        last = bisect_right(starts, match.start + width * 2 // 3)
        inside = found[first:last]
        score = (len({other.term for other in inside}), len(inside))
        if score > best_score:
            best_score, best = score, (match.start, inside[-1].end)
    return best


def _window(text: str, best: tuple[int, int] | None, width: int) -> tuple[int, int]:
    """The piece of *text* to show: some words before the first match, cut between words."""
    lead = width // 4
    start = 0 if best is None or best[0] <= lead else _after_space(text, best[0] - lead, best[0])
    end = start + width
    if end >= len(text):
        return start, len(text)
    space = max(text.rfind(" ", start + width // 2, end), text.rfind("\n", start + width // 2, end))
    return start, space if space > 0 else end


def _after_space(text: str, low: int, high: int) -> int:
    positions = [position + 1 for position in (text.find(" ", low, high), text.find("\n", low, high)) if position >= 0]
    return min(positions, default=low)


def _cut(text: str, start: int, end: int, found: Sequence[_Match]) -> list[Segment]:
    segments: list[Segment] = []
    position = start
    starts = [match.start for match in found]
    for match in found[bisect_left(starts, start) : bisect_left(starts, end)]:
        if match.start > position:
            segments.append(_segment(text[position : match.start], False))
        position = min(match.end, end)
        segments.append(_segment(text[match.start : position], True))
    if position < end:
        segments.append(_segment(text[position:end], False))
    return segments


def _segment(text: str, is_match: bool) -> Segment:
    # Lines of a text are one line of a snippet.
    return Segment(re.sub(r"\s+", " ", text), is_match)
