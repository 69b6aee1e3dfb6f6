"""How easily a passage reads: a measured indication, in Dutch and in English.

Both languages have Flesch's formula of 1948, from the length of sentences and of words; for Dutch with the weights of
W.H. Douma (De leesbaarheid van landbouwbladen, 1960). It measures outer signs and knows nothing of content: B1 is about
60 and up. Advice is given only far below that, and of passages long enough to measure.
"""

import re
from collections.abc import Iterator

LONG_SENTENCE = 25

#: Below this a passage is hard: "very difficult", as Flesch and Douma call it.
HARD = 25.0
_LEAST_WORDS = 40

#: Base, weight of syllables per word, weight of words per sentence.
_WEIGHTS = {"nl": (206.84, 77.0, 0.93), "en": (206.835, 84.6, 1.015)}

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouyáéíóúàèâêîôûäëïöü]+", re.IGNORECASE)
_END = re.compile(r"[.!?…](?=[\"'”’)\]]*\s+[\"'“‘(\[]*[A-ZÀ-Þ0-9])|[;:](?=\s)")
_SHORT = re.compile(
    r"\b(?:bijv|bv|art|nr|blz|dhr|mevr|mw|dr|ir|ing|mr|drs|prof|ca|evt|incl|excl|enz|etc|vgl|resp|t\.a\.v|d\.w\.z|o\.a|"
    r"i\.v\.m|m\.b\.t|e\.g|i\.e|no|vs|st|fig|p|[A-Z])$"
)


def sentences(text: str) -> Iterator[str]:
    """The sentences of *text*, which is one line. A full stop behind an abbreviation does not end one."""
    start = 0
    for match in _END.finditer(text):
        if match[0] == "." and _SHORT.search(text, start, match.start()):
            continue
        yield text[start : match.end()].strip()
        start = match.end()
    if text[start:].strip():
        yield text[start:].strip()


def ease(text: str, language: str) -> float | None:
    """How easily *text* reads, about 0 (very hard) to 100; ``None`` where it cannot be measured."""
    weights = _WEIGHTS.get(language)
    words = _WORD.findall(text)
    if weights is None or len(words) < _LEAST_WORDS:
        return None
    number = sum(1 for one in sentences(text) if _WORD.search(one)) or 1
    syllables = sum(len(_VOWELS.findall(word)) or 1 for word in words)
    base, of_syllables, of_words = weights
    return base - of_syllables * syllables / len(words) - of_words * len(words) / number


def is_hard(text: str, language: str) -> bool:
    """Whether a passage is far harder to read than B1."""
    found = ease(text, language)
    return found is not None and found < HARD
