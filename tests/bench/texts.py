"""The texts that are measured with: Dutch-looking, the same on every machine, with the word statistics of real ones.

Words follow Zipf's law, because that is what a full-text index meets: a few words stand on every page, most on a
handful. One word is on 97 % of the pages and one on three, whatever the number of pages.
"""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

#: Stands on 97 of each 100 pages.
COMMON = "gemeente"
#: Stands on three pages.
RARE = "zandkasteel"
RARE_ON = (7, 57, 97)

#: Characters of Markdown: of most pages, and of those that are opened and saved.
USUAL, LONG = 2_500, 13_000
#: The pages that are opened: the same ones, at the same place in the tree, in a small site and in a large one.
OPENED = range(40, 60)

#: Pages at the top of the tree, and directly below each other page.
BRANCHES = 12


def _list(words: str) -> list[str]:
    return words.split()


_FUNCTION_WORDS = _list(
    "de het een van en in is dat op te voor met zijn die niet aan er om ook als bij of uit naar door over dan maar "
    "worden kan wordt heeft hebben nog tot deze dit zij wij je jij wat waar wie hoe wanneer omdat daarom alle andere"
)
_BEGINS = _list("aan af be bij ge her in mee na om onder ont op over samen tegen toe uit ver voor weg")
_STEMS = _list(
    "arbeid bank beheer beleid beslis besluit bestuur betaal bouw burg contract controle deel dienst document doel "
    "dossier draag drag duur eis feit gang gebied gebruik geld geef groei grond handel hoofd houd huis inkom jaar "
    "kaart kamer kans kern keur kind klacht kost kracht land leer leid leven lijst loket maat markt meet mens middel "
    "naam onder orde overleg pand plan plicht post proces punt raad recht regel rente rol ruimte school stel stem "
    "stuk taak tijd toets traject vak vergun vorm vraag water weg wet wijk woon zaak zeker zicht zorg"
)
_ENDS = ("", "", "en", "ing", "ingen", "er", "heid", "lijk", "s", "baar")
_WORDS = 6_000


@dataclass(frozen=True, slots=True)
class Text:
    """One page: *parent* is the number of the page above it, or None at the top."""

    number: int
    title: str
    body: str
    tags: list[str]
    parent: int | None


def _vocabulary() -> tuple[list[str], list[float]]:
    random = Random("words")
    found = dict.fromkeys(_FUNCTION_WORDS)
    while len(found) < _WORDS:
        parts = (random.choice([*_BEGINS, ""]), random.choice(_STEMS), random.choice([*_STEMS, "", ""]))
        found.setdefault("".join(parts) + random.choice(_ENDS))
    return list(found), list(accumulate(1 / rank for rank in range(1, len(found) + 1)))


_words, _sums = _vocabulary()


def _phrase(random: Random, length: int) -> list[str]:
    return [_words[bisect(_sums, random.random() * _sums[-1])] for _ in range(length)]


def title(number: int) -> str:
    """The title of a page; no two are the same."""
    return f"{' '.join(_phrase(Random(f'title {number}'), 3)).capitalize()} {number}"


def texts(count: int) -> Iterator[Text]:
    """The pages 0 to *count* - 1. A page is the same in every count, but for links to pages that are not there."""
    for number in range(count):
        random = Random(number)
        yield Text(
            number=number,
            title=title(number),
            body=_body(random, number, count),
            tags=sorted(set(_phrase(random, 2))),
            parent=(number - BRANCHES) // BRANCHES if number >= BRANCHES else None,
        )


def _body(random: Random, number: int, count: int) -> str:
    is_opened = number in OPENED
    length = LONG if is_opened else int(USUAL * random.uniform(0.4, 1.6))
    parts = [_paragraph(random, [COMMON] if number % 100 < 97 else [])]
    if number in RARE_ON:
        parts.append(_paragraph(random, [RARE]))
    while sum(map(len, parts)) < length:
        parts.append("## " + " ".join(_phrase(random, 4)).capitalize())
        parts.append(_paragraph(random, [f"**{_phrase(random, 1)[0]}**", _link(random, number, count)]))
        parts.append("\n".join(f"- {' '.join(_phrase(random, 9))}" for _ in range(3)))
        if is_opened and len(parts) % 4 == 0:
            rows = [" | ".join(_phrase(random, 3)) for _ in range(4)]
            parts.append("\n".join([f"| {rows[0]} |", "| --- | --- | --- |", *(f"| {row} |" for row in rows[1:])]))
    return "\n\n".join(parts)


def _link(random: Random, number: int, count: int) -> str:
    """To a page nearby; one of eight to a page that does not exist."""
    if random.random() < 1 / 8:
        return f"[[{' '.join(_phrase(random, 2)).capitalize()} gezocht]]"
    return f"[[{title((number + random.randint(1, 200)) % count)}]]"


def _paragraph(random: Random, inserted: list[str]) -> str:
    words = _phrase(random, random.randint(40, 90))
    for word in inserted:
        words.insert(random.randrange(len(words)), word)
    return " ".join(words).capitalize() + "."
