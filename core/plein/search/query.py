"""What somebody typed, as something a database can look for.

``verlof aanvragen`` finds items with both words, in any form; the last word may be unfinished. ``"op kantoor"`` finds
the words side by side, ``-thuis`` leaves items out, ``tag:ai`` asks for a tag. Anything at all can be typed: what is
no word is ignored.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from plein.search.text import LANGUAGES, RAW, STRONG, TAG, TITLE, joined, stem, stems, words

#: More than a person types; beyond it the query is cut, and says so.
MAX_CHARACTERS = 400
MAX_TERMS = 12
#: Shorter beginnings fit too many words to mean something.
MIN_PREFIX = 3

_CHUNK = re.compile(r'(-?)(tag:)?(?:"([^"]*)"?|(\S+))', re.IGNORECASE)
_QUOTES = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'))

#: Asked for only where nothing else is: a question in plain words must not fail on "ik" or "the".
_COMMON = frozenset(
    words(
        """
    de het een en of van in is op te dat die voor met aan er zijn om ook als bij naar dan maar wat hoe waar wie ik
    je jij we wij ze zij hun mijn jouw ons onze kan mag moet wordt door over uit tot the a an and or of to in is it
    on that for with as are be at by from this how what where who i you we they my your our can may must
        """
    )
)


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A word in the index; with *prefix* every word that begins so."""

    word: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words side by side, in this order."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """*wanted*, but not where *unwanted* fits."""

    wanted: "Expression"
    unwanted: "Expression"


Expression = Lexeme | Phrase | And | Or | Without


@dataclass(frozen=True, slots=True)
class Term:
    """One thing asked for: a word, words side by side, or a tag.

    :param words: folded, in order. :param prefix: the last one may be unfinished.
    :param compounds: the same words written as one, where they had hyphens.
    :param also: what means the same: words, and whether these must stand side by side.
    """

    words: tuple[str, ...]
    is_tag: bool = False
    prefix: bool = False
    compounds: tuple[str, ...] = ()
    also: tuple[tuple[tuple[str, ...], bool], ...] = ()

    def anywhere(self) -> Expression:
        """The items that have it."""
        if self.is_tag:
            return self.marked(TAG)
        if len(self.words) > 1:
            phrases = {tuple(stem(word, language) for word in self.words) for language in LANGUAGES}
            found: list[Expression] = [Phrase(phrase) for phrase in sorted(phrases)]
            found += [part for word in self.compounds for part in self._forms(word)]
        else:
            found = self._forms(self.words[0])
        return _any([*found, *(_other(words, side_by_side) for words, side_by_side in self.also)])

    def marked(self, mark: str) -> Expression:
        """The items that have all of its words in the place that *mark* stands for."""
        if self.is_tag and len(self.words) > 1:
            return Lexeme(mark + "".join(self.words))
        found = _all([_any(self._marked_forms(mark, word)) for word in self.words])
        others = [_all([_any(_stems_marked(mark, word)) for word in words]) for words, _side_by_side in self.also]
        return _any([found, *others])

    def _forms(self, word: str) -> list[Expression]:
        found: list[Expression] = [Lexeme(form) for form in stems(word)]
        return [*found, Lexeme(RAW + word, prefix=True)] if self.prefix else found

    def _marked_forms(self, mark: str, word: str) -> list[Expression]:
        found: list[Expression] = [Lexeme(mark + form) for form in dict.fromkeys((*stems(word), word))]
        # Only titles and tags are marked as they were written; elsewhere there are stems alone.
        unfinished = self.prefix and word == self.words[-1] and mark != STRONG
        return [*found, Lexeme(mark + word, prefix=True)] if unfinished else found


def _other(words_: tuple[str, ...], side_by_side: bool) -> Expression:
    if len(words_) == 1 or not side_by_side:
        return _all([_any([Lexeme(form) for form in stems(word)]) for word in words_])
    return _any([Phrase(tuple(stem(word, language) for word in words_)) for language in LANGUAGES])


def _stems_marked(mark: str, word: str) -> list[Lexeme]:
    return [Lexeme(mark + form) for form in stems(word)]


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood. It is empty where nothing in it can be looked for."""

    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    #: part of what was typed is not used
    cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.required)

    def expression(self) -> Expression:
        """The items that fit."""
        return self._without(_all([term.anywhere() for term in self.required]))

    def tiers(self) -> list[tuple[int, Expression]]:
        """The items that fit, narrowed to where the words stand; the higher the number, the better the place.

        3: everything in the title; 2: something in the title or tags; 1: in a heading, or often; 0: anywhere.
        """
        fits = self.expression()
        terms = [term for term in self.required if not term.is_tag]
        if not terms:
            return [(0, fits)]
        # A word that stands in the title stands in the item: the database need not look for both.
        says_all = len(terms) == len(self.required) and all(len(term.words) == 1 for term in terms)
        alone = says_all and len(terms) == 1
        titles, tags = (_any([term.marked(mark) for term in terms]) for mark in (TITLE, TAG))
        return [
            (3, self._fitting(_all([term.marked(TITLE) for term in terms]), fits, says_all)),
            (2, self._fitting(tags if alone else _any([titles, tags]), fits, alone)),
            (1, self._fitting(_any([term.marked(STRONG) for term in terms]), fits, alone)),
            (0, fits),
        ]

    def loosened(self, most: int) -> list[tuple[int, Expression]]:
        """Items that have some of the words, for when none has all: any in the title, and each of *most* words alone.

        Give it a query of which the words that say most come first.
        """
        terms = [term for term in self.required if not term.is_tag]
        tags = [term.anywhere() for term in self.required if term.is_tag]
        found = [(2, _any([term.marked(TITLE) for term in terms]))]
        found += [(0, term.anywhere()) for term in terms[:most]]
        return [(tier, self._without(_all([one, *tags]))) for tier, one in found]

    def _fitting(self, found: Expression, fits: Expression, says_all: bool) -> Expression:
        return self._without(found) if says_all else _all([found, fits])

    def _without(self, found: Expression) -> Expression:
        return Without(found, _any([term.anywhere() for term in self.excluded])) if self.excluded else found

    @property
    def has_phrase(self) -> bool:
        """Whether words must stand side by side somewhere."""
        return any(len(term.words) > 1 and not term.is_tag for term in (*self.required, *self.excluded))


def parse(text: str, *, tag: str = "") -> Query:
    """The query in *text*; never fails. With *tag*, only items that have it."""
    required: list[Term] = []
    excluded: list[Term] = []
    typed = " ".join(text[: MAX_CHARACTERS + 1].translate(_QUOTES).split())
    for minus, is_tag, quoted, bare in _CHUNK.findall(typed[:MAX_CHARACTERS]):
        term = _term(quoted or bare, is_tag=bool(is_tag), is_quoted=bool(quoted))
        if term is not None:
            (excluded if minus else required).append(term)
    cut = len(text) > MAX_CHARACTERS or len(required) > MAX_TERMS or len(excluded) > MAX_TERMS
    # The last word is the one somebody is still typing, unless it was quoted or left out.
    if required and not required[-1].is_tag and _ends_open(typed):
        required[-1] = _opened(required[-1])
    required = _without_common(required)[:MAX_TERMS]
    if wanted := words(tag):
        required.append(Term(tuple(wanted), is_tag=True))
    return Query(tuple(required), tuple(excluded[:MAX_TERMS]), cut)


def _term(text: str, *, is_tag: bool, is_quoted: bool) -> Term | None:
    found = tuple(words(text)[:MAX_TERMS])
    if not found:
        return None
    return Term(found, is_tag=is_tag, compounds=() if is_quoted else tuple(sorted(joined(text))))


def _without_common(terms: list[Term]) -> list[Term]:
    rare = [term for term in terms if term.is_tag or len(term.words) > 1 or term.words[0] not in _COMMON]
    return rare or terms


def _ends_open(typed: str) -> bool:
    last = typed.rpartition(" ")[2]
    return not typed.endswith('"') and not last.startswith("-") and typed.count('"') % 2 == 0


def _opened(term: Term) -> Term:
    return replace(term, prefix=True) if len(term.words[-1]) >= MIN_PREFIX else term


def _all(parts: Sequence[Expression]) -> Expression:
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _any(parts: Sequence[Expression]) -> Expression:
    return parts[0] if len(parts) == 1 else Or(tuple(parts))
