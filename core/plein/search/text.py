"""Words as the search index knows them: folded, stemmed in Dutch and English, marked by where they stand.

Both databases are given finished words and add no wisdom of their own, so that what one finds, the other finds. A
word is stored as its stem, in the order of the text (for phrases), and once as it was written (for prefixes).
"""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from snowballstemmer.dutch_stemmer import DutchStemmer
from snowballstemmer.english_stemmer import EnglishStemmer

from plein.search.rank import weights
from plein.web.folding import fold

#: Raise this when words are made differently: ``plein search reindex`` then makes every item's words again.
FORMAT = 2

#: Marks before a word. No letter or digit, so no word of a text begins with one, and not ASCII, which SQLite's
#: tokenizer would split at.
MARKS = TITLE, TAG, STRONG, RAW = "«", "¶", "»", "°"
#: Stands where a phrase must not reach across: between the title and the text, say.
GAP = "·"

LANGUAGES = ("nl", "en")

#: PostgreSQL's limits, kept on both databases: positions in a text, and of one word.
MAX_POSITIONS = 16_000
MAX_REPEATS = 255
#: Longer words are cut. A longer text is indexed up to here (characters).
MAX_WORD = 64
MAX_TEXT = 400_000
#: A stemmer is slow on what only looks like a word; the longest ones that people write are shorter.
MAX_STEMMED = 32
#: Distinct words of one text; what is beyond is noise, not writing.
MAX_DISTINCT = 12_000
#: Bytes of all distinct words together. PostgreSQL refuses 1 MB, in which it counts places too.
MAX_BYTES = 900_000

#: A word that is this much of the text is what the text is about.
_STRONG_SHARE, _STRONG_TIMES = 0.01, 3

#: ``foto's``: what follows the apostrophe is no word of its own.
_WORD = re.compile(r"([^\W_]+)(?:'(?:s|t|n|d|m|ll|re|ve)(?![^\W_]))?")
#: From the start of a word only and without going back, or a word of 256,000 letters would take minutes.
_HYPHENATED = re.compile(r"(?<![^\W_])[^\W_]++(?:-[^\W_]++)+")


_stemmers = threading.local()


def words(text: str) -> list[str]:
    """The words of *text*, folded, in order: ``words("Foto's één-twee")`` is foto, een, twee."""
    return [word[:MAX_WORD] for word in _WORD.findall(fold(text))]


def joined(text: str) -> set[str]:
    """Words with hyphens, written as one: ``e-mail`` is also found as ``email``."""
    return {found.replace("-", "")[:MAX_WORD] for found in _HYPHENATED.findall(fold(text))}


@lru_cache(maxsize=1 << 16)
def stem(word: str, language: str) -> str:
    """The stem of a folded *word* (Snowball). Of what is no Dutch or English word, a number say: the word itself."""
    if not 3 <= len(word) <= MAX_STEMMED or not (word.isascii() and word.isalpha()) or language not in LANGUAGES:
        return word
    stemmer: Any = getattr(_stemmers, language, None)
    if stemmer is None:
        # A stemmer keeps its word in itself while it works: each thread needs its own.
        stemmer = DutchStemmer() if language == "nl" else EnglishStemmer()
        setattr(_stemmers, language, stemmer)
    # A stemmer can end on an accent or an apostrophe; the index has only letters and digits.
    return "".join(words(stemmer.stemWord(word))) or word


def stems(word: str) -> tuple[str, ...]:
    """Every stem that a folded *word* may be indexed under, in order."""
    return tuple(dict.fromkeys(stem(word, language) for language in LANGUAGES))


@dataclass(frozen=True, slots=True)
class IndexedWords:
    """What the index stores of an item.

    :param sequence: stems in the order of the text, with :data:`GAP` where a phrase ends.
    :param others: words without a place: marked ones, and what comes after the last place there is.
    :param weights: what the item is about, for :mod:`plein.search.rank`.
    :param vocabulary: every stem, and every word as it was written; stems that nobody wrote map to ``False``.
    """

    sequence: tuple[str, ...]
    others: tuple[str, ...]
    title_words: int
    weights: str = ""
    vocabulary: Mapping[str, bool] = field(default_factory=dict)


#: ``parts(word)``: the words that a compound is made of, none where it is no compound.
Parts = Callable[[str], tuple[str, ...]]


def _no_parts(_word: str) -> tuple[str, ...]:
    return ()


def index_words(
    *,
    title: str,
    tags: Iterable[str],
    headings: Iterable[str],
    text: str,
    language: str,
    files: str = "",
    parts: Parts = _no_parts,
) -> IndexedWords:
    """The words of an item. Title, tags and headings are marked, for a higher place among the hits.

    :param files: names and texts of its attachments.
    :param parts: takes compounds apart.
    """
    title_words, body = words(title), words(text[:MAX_TEXT])
    in_files = words(files[: max(0, MAX_TEXT - len(text))])
    tag_words, flat_tags, whole_tags = _of_tags(tags)
    compounds = sorted(joined(title) | joined(text[:MAX_TEXT]))
    written = list(dict.fromkeys([*title_words, *flat_tags, *compounds, *body, *in_files]))[:MAX_DISTINCT]

    def stemmed(found: Iterable[str]) -> list[str]:
        return [stem(word, language) for word in found]

    body_stems, taken_apart = stemmed(body), stemmed(part for word in written for part in parts(word))
    fields = {
        "title": stemmed([*title_words, *joined(title), *(part for word in title_words for part in parts(word))]),
        "tags": stemmed([*flat_tags, *(tag for tag in whole_tags if tag not in flat_tags)]),
        "headings": stemmed(word for heading in headings for word in words(heading)),
        "body": [*body_stems, *stemmed(compounds), *taken_apart],
        "files": stemmed(in_files),
    }
    sequence, beyond = _placed([stemmed(title_words), *map(stemmed, tag_words), body_stems, fields["files"]])
    others = [
        *_marked(TITLE, {*title_words, *stemmed(title_words)} | joined(title)),
        *_marked(TAG, {*flat_tags, *stemmed(flat_tags), *whole_tags}),
        *_marked(STRONG, {*fields["headings"]} | _frequent(body_stems)),
        *_distinct(stemmed([*compounds, *title_words])),
        *_distinct([*beyond, *taken_apart]),
        *(RAW + word for word in written),
    ]
    kept = _affordable([*sequence, *others])
    placed = tuple(word if word in kept else GAP for word in sequence)
    beside = tuple(word for word in dict.fromkeys(others) if word in kept)
    return IndexedWords(placed, beside, len(title_words), weights(fields), _vocabulary(placed, beside))


def _of_tags(tags: Iterable[str]) -> tuple[list[list[str]], list[str], list[str]]:
    """The words of each tag, those of all tags, and each tag written as one word."""
    found = [tag for tag in map(words, tags) if tag]
    return found, [word for tag in found for word in tag], ["".join(tag)[:MAX_WORD] for tag in found]


def _vocabulary(placed: Iterable[str], beside: Iterable[str]) -> dict[str, bool]:
    """Each word that the index has without a mark of its place, and whether somebody wrote it so."""
    stems_ = {word for word in (*placed, *beside) if word != GAP and not word.startswith(MARKS)}
    return dict.fromkeys(stems_, False) | {word[1:]: True for word in beside if word.startswith(RAW)}


def _affordable(found: Iterable[str]) -> set[str]:
    """As many of the words as an item's share of the index holds, the first ones first."""
    kept: set[str] = set()
    left = MAX_BYTES
    for word in dict.fromkeys(found):
        left -= len(word.encode())
        if left < 0:
            break
        kept.add(word)
    return kept


def _frequent(body: Sequence[str]) -> set[str]:
    least = max(_STRONG_TIMES, len(body) * _STRONG_SHARE)
    return {word for word, times in Counter(body).items() if times >= least}


def _placed(parts: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """The words that get a place in the text, and those for which there is none left."""
    sequence: list[str] = []
    beyond: list[str] = []
    times: Counter[str] = Counter()
    for part in parts:
        for word in part:
            times[word] += 1
            if len(sequence) >= MAX_POSITIONS:
                beyond.append(word)
            else:
                sequence.append(word if times[word] <= MAX_REPEATS else GAP)
        if part:
            sequence.append(GAP)
    return sequence, beyond


def _marked(mark: str, found: Iterable[str]) -> Iterator[str]:
    return (mark + word for word in sorted(found)[:MAX_DISTINCT])


def _distinct(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))[:MAX_DISTINCT]
