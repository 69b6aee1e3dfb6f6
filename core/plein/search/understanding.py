"""What a question means on this site: synonyms and compounds beside its words, and how much each word says.

All of it is one statement, together with the best bets for the question.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import BigInteger, Text, bindparam, cast, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from plein.search.models import BestBet, SearchWord, Synonym, SynonymKey
from plein.search.query import Query, Term
from plein.search.rank import Sought, rarity
from plein.search.synonyms import MAX_WORDS, sides
from plein.search.text import stem, stems, words
from plein.search.vocabulary import ALL, splits

#: A word that is not finished yet counts as one that stands in this part of all items.
_UNFINISHED = 50
#: Words of a question that best bets are made for.
_LONGEST_BET = 100


@dataclass(frozen=True, slots=True)
class Bet:
    """What an administrator wants above the hits: an item, or an address with a text."""

    title: str
    text: str
    url: str
    content_id: int | None


@dataclass(frozen=True, slots=True)
class Understood:
    """
    :param query: with synonyms beside its words. :param sought: its words as the rank asks for them, tags left out.
    :param rarest: the same query with the words that say most first.
    """

    query: Query
    sought: tuple[Sought, ...]
    rarest: Query
    bets: tuple[Bet, ...]


def bet_key(text: str) -> str:
    """The question that a best bet is for, as it is compared: folded, only words."""
    return " ".join(words(text))[:_LONGEST_BET]


def understand(db: Session, query: Query, text: str, locale: str) -> Understood:
    """Look up what *query* means. One statement."""
    terms = [term for term in query.required if not term.is_tag]
    plain = [term.words[0] for term in terms if len(term.words) == 1]
    keys = {" ".join(plain[at : at + size]) for at in range(len(plain)) for size in range(1, MAX_WORDS + 1)}
    keys |= {" ".join(term.words) for term in terms}
    split = {word: splits(word) for word in plain}
    asked = {form for term in terms for word in term.words for form in _forms(word)}
    asked |= {part for pairs in split.values() for pair in pairs for part in pair}
    numbers: dict[str, int] = {}
    lines: dict[str, list[str]] = {}
    bets: list[Bet] = []
    values = {"words": sorted({ALL, *asked}), "keys": sorted(keys), "question": bet_key(text), "language": locale}
    for row in db.execute(_LOOKED_UP, values):
        if row.kind == "word":
            numbers[row.key] = row.number
        elif row.kind == "synonym":
            lines.setdefault(row.key, []).append(row.text)
        else:
            bets.append(Bet(row.title, row.text, row.url, row.number))
    also = _also(lines, plain)
    required = tuple(
        term if term.is_tag else replace(term, also=_others(term, also, split, numbers)) for term in query.required
    )
    understood = replace(query, required=required)
    sought = tuple(_sought(term, numbers) for term in required if not term.is_tag)
    return Understood(understood, sought, _rarest_first(understood, sought), tuple(bets))


_nothing, _empty = cast(null(), BigInteger), cast(literal(""), Text)
_question, _language = bindparam("question", type_=Text), bindparam("language", type_=Text)
#: Kept: making it would take longer than running it.
_LOOKED_UP = select(
    union_all(
        select(
            literal("word").label("kind"),
            SearchWord.word.label("key"),
            SearchWord.documents.label("number"),
            _empty.label("title"),
            _empty.label("text"),
            _empty.label("url"),
        ).where(SearchWord.word.in_(bindparam("words", expanding=True))),
        select(literal("synonym"), SynonymKey.words, _nothing, _empty, Synonym.text, _empty)
        .join(Synonym, Synonym.id == SynonymKey.synonym_id)
        .where(SynonymKey.words.in_(bindparam("keys", expanding=True))),
        select(literal("bet"), BestBet.words, BestBet.content_id, BestBet.title, BestBet.text, BestBet.url).where(
            BestBet.words == _question, BestBet.words != "", or_(BestBet.language == "", BestBet.language == _language)
        ),
    ).subquery()
)


def _also(lines: dict[str, list[str]], plain: Sequence[str]) -> dict[str, list[tuple[tuple[str, ...], bool]]]:
    """What each word of the question may also be. Of words that only together mean something: each of them."""
    found: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
    for key, texts in lines.items():
        members = key.split(" ") if set(key.split(" ")) <= set(plain) else [key]
        for line in texts:
            whole, parts = sides(line)
            others = [(side, True) for side in whole if " ".join(side) != key]
            others += [(parts, False)] if parts else []
            for member in members:
                found.setdefault(member, []).extend(others)
    return found


def _others(
    term: Term,
    also: dict[str, list[tuple[tuple[str, ...], bool]]],
    split: dict[str, list[tuple[str, str]]],
    numbers: dict[str, int],
) -> tuple[tuple[tuple[str, ...], bool], ...]:
    found = list(also.get(" ".join(term.words), ()))
    if len(term.words) == 1:
        # A compound: what has both of its parts is about the same. The best known reading counts.
        known = [pair for pair in split.get(term.words[0], ()) if all(numbers.get(part, 0) > 0 for part in pair)]
        found += [(pair, False) for pair in known[:1]]
    return tuple(dict.fromkeys(found))


def _forms(word: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*stems(word), word)))


def _sought(term: Term, numbers: dict[str, int]) -> Sought:
    """A term as the rank asks for it. Words side by side count as one, as rare as the rarest of them."""
    items = numbers.get(ALL, 1)
    prefix = term.words[-1] if term.prefix and len(term.words) == 1 else ""
    per_word = [max((numbers.get(form, 0) for form in _forms(word)), default=0) for word in term.words]
    if not any(per_word) and prefix:
        per_word = [max(1, items // _UNFINISHED)]
    if len(term.words) == 1:
        forms: tuple[str, ...] = tuple(
            dict.fromkeys((*stems(term.words[0]), *(form for word in term.compounds for form in stems(word))))
        )
        also: list[tuple[str, ...]] = []
    else:
        forms = tuple(form for word in term.compounds for form in stems(word))
        also = [tuple(stem(word, language) for word in term.words) for language in ("nl", "en")]
    for others, _side_by_side in term.also:
        also += [tuple(stem(word, language) for word in others) for language in ("nl", "en")]
    return Sought(forms, prefix, tuple(dict.fromkeys(also)), rarity(min(per_word), items))


def _rarest_first(query: Query, sought: Sequence[Sought]) -> Query:
    terms = [term for term in query.required if not term.is_tag]
    order = sorted(range(len(terms)), key=lambda at: -sought[at].rarity)
    tags = [term for term in query.required if term.is_tag]
    return replace(query, required=(*(terms[at] for at in order), *tags))
