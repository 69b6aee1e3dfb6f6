"""Words, queries and snippets of search, without a database."""

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st

from plein.search.engines import to_fts5, to_fts5_text, to_tsquery, to_tsvector
from plein.search.highlight import WIDTH, Highlighter
from plein.search.query import And, Lexeme, Or, Phrase, Without, parse
from plein.search.text import (
    GAP,
    MARKS,
    MAX_POSITIONS,
    RAW,
    TITLE,
    IndexedWords,
    fold,
    index_words,
    joined,
    stem,
    stems,
    words,
)


def made(text: str = "", title: str = "", **values: object) -> IndexedWords:
    return index_words(**{"title": title, "tags": [], "headings": [], "text": text, "language": "nl", **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Foto's één-twee", ["foto", "een", "twee"]),
        ("foto’s don't auto's", ["foto", "don", "auto"]),
        ("d'or 's-Hertogenbosch", ["d", "or", "s", "hertogenbosch"]),
        ("İstanbul Straße ĲSSEL ﬁets Ærø Łódź", ["istanbul", "strasse", "ijssel", "fiets", "aero", "lodz"]),
        ("idee\u0308en", ["ideeen"]),
        ("a_b 1.2 a\x00b \ud800 😀", ["a", "b", "1", "2", "a", "b"]),
        ("", []),
    ],
)
def test_words_are_folded(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_words_with_hyphens_are_also_one_word() -> None:
    assert joined("e-mail, e‑mail en zee-eend maar 1 - 2") == {"email", "zeeeend"}


def test_dutch_and_english_have_stems_of_their_own() -> None:
    assert stem("huizen", "nl") == stem("huis", "nl") == "huis"
    assert stem("policies", "en") == stem("policy", "en") == "polici"
    assert stems("huizen") == ("huis", "huizen")


@pytest.mark.parametrize("word", ["12345", "a4", "op", "漢字漢字", "x" * 40])
def test_what_is_no_word_of_a_language_has_no_other_stem(word: str) -> None:
    assert stems(word) == (word,)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=200), st.text(max_size=50))
def test_indexed_words_never_hold_what_means_something_to_a_database(text: str, title: str) -> None:
    found = made(text, title, tags=[title], headings=[title])
    for word in (*found.sequence, *found.others):
        bare = word.lstrip("".join(MARKS))
        assert word == GAP or bare.isalnum()


def test_the_title_stands_first_and_a_gap_keeps_it_from_the_text() -> None:
    found = made("welke soorten", "Verlof")
    assert found.sequence == ("verlof", GAP, stem("welke", "nl"), stem("soorten", "nl"), GAP)
    assert TITLE + "verlof" in found.others and RAW + "soorten" in found.others
    assert found.title_words == 1


def test_places_end_where_postgresql_stops_counting() -> None:
    found = made("lorem ipsum " * MAX_POSITIONS + "slot")
    assert len(found.sequence) <= MAX_POSITIONS + 2
    assert "slot" in found.others and found.sequence.count("lorem") == 255


def test_a_word_without_end_takes_no_time() -> None:
    with bounded(80):
        made("x" * 250_000)


def test_words_are_written_in_the_languages_of_the_databases() -> None:
    found = IndexedWords(("regel", GAP, "wet", "regel"), ("«regel", "los"), 1)
    assert to_tsvector(found) == "'regel':1,4 'wet':3 '«regel' 'los'"
    assert to_fts5_text(found) == "regel · wet regel «regel · los"


def test_an_expression_is_written_in_the_languages_of_the_databases() -> None:
    expression = Without(And((Phrase(("op", "kantoor")), Or((Lexeme("a"), Lexeme("°b", True))))), Lexeme("c"))
    assert to_fts5(expression) == '(("op kantoor" AND ("a" OR "°b"*)) NOT "c")'
    assert to_tsquery(expression) == "((('op' <-> 'kantoor') & ('a' | '°b':*)) & !('c'))"


def test_the_last_word_may_be_unfinished_unless_it_is_quoted_left_out_or_short() -> None:
    assert [term.prefix for term in parse("nieuwe regeling").required] == [False, True]
    for query in ('nieuwe "regeling"', "nieuwe -regeling", "nieuw tag:ai", "nieuwe re"):
        assert not any(term.prefix for term in parse(query).required), query


def test_common_words_are_asked_for_only_where_nothing_else_is() -> None:
    assert [term.words for term in parse("hoe vraag ik verlof aan").required] == [("vraag",), ("verlof",)]
    assert [term.words for term in parse("de het").required] == [("de",), ("het",)]
    assert [term.words for term in parse('"de" nota').required] == [("nota",)]


def test_a_query_of_nothing_but_exclusions_is_empty() -> None:
    query = parse('-a -"b c"')
    assert not query and len(query.excluded) == 2


@given(st.text(max_size=300))
def test_every_text_is_a_query_with_at_most_thirteen_terms(text: str) -> None:
    query = parse(text, tag=text[:3])
    assert len(query.required) <= 13 and len(query.excluded) <= 12
    if query:
        for _tier, expression in query.tiers():
            assert to_fts5(expression).count('"') % 2 == 0
            assert to_tsquery(expression).count("(") == to_tsquery(expression).count(")")


def marked(query: str, text: str) -> list[str]:
    return [segment.text for segment in Highlighter(parse(query)).snippet(text) if segment.is_match]


def test_snippets_mark_every_form_of_a_word() -> None:
    assert marked("huis", "Twee huizen en een huisje, thuis.") == ["huizen", "huisje"]
    assert marked("creme", "Crème brûlée") == ["Crème"]
    assert marked('"op kantoor"', "Kom op kantoor.") == ["op", "kantoor"]
    assert marked("email", "Een e-mail of email") == ["email"]


def test_a_word_that_begins_otherwise_is_marked_by_its_stem() -> None:
    assert stem("gelopen", "nl") == stem("lopen", "nl")
    assert marked("lopen", "Hij had gelopen.") == ["gelopen"]


def test_a_snippet_shows_where_the_words_stand_together() -> None:
    text = "regel " + "niets " * 200 + "de regel over verlof staat hier " + "niets " * 200
    shown = "".join(segment.text for segment in Highlighter(parse("regel verlof")).snippet(text))
    assert "de regel over verlof staat hier" in shown
    assert shown.startswith("…") and shown.endswith("…") and len(shown) <= WIDTH + 60


def test_a_snippet_without_a_match_is_the_beginning() -> None:
    assert (
        "".join(s.text for s in Highlighter(parse("titel")).snippet("Begin hier.\nEn verder."))
        == "Begin hier. En verder."
    )


@given(st.text(max_size=400), st.text(max_size=30))
def test_a_snippet_is_a_piece_of_the_text(text: str, query: str) -> None:
    highlighter = Highlighter(parse(query))
    assert len("".join(segment.text for segment in highlighter.snippet(text))) <= len(text) + WIDTH
    assert "".join(segment.text for segment in highlighter.title("een titel")) == "een titel"
