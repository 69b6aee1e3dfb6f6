"""Text as it is compared: without case, accents and typographic signs. Both databases then sort and find alike."""

import unicodedata

LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ß": "ss"}
    | dict.fromkeys("\u2019\u2018\u02bc\u2032`\u00b4", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013", "-")
    | {"\u00ad": ""}
)


class _Folding(dict[int, str]):
    """What ``str.translate`` puts for a character: lower case, without accents. Filled as characters turn up."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFKD", chr(code).translate(LETTERS).casefold())
        # Again after decomposing: that can bring new capitals (℃), as casefolding can bring accents (İ).
        plain = "".join(c for c in parts if unicodedata.category(c) != "Mn").casefold().translate(LETTERS)
        self[code] = plain
        return plain


_folding = _Folding()


def fold(text: str) -> str:
    """*text* in lower case, without accents, with plain apostrophes and hyphens."""
    return text.translate(_folding)
