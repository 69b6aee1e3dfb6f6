"""What the assistant sees, and what it leaves alone."""

from pathlib import Path

import pytest

import plein.demo
from plein.content.assistant.checks import MOST, find_all
from plein.content.assistant.reading_ease import ease, is_hard, sentences
from plein.web.markup import MarkupLimits

_LONG = "Deze zin heeft heel veel woorden " + "en gaat maar door " * 6 + "tot het einde."


def _found(source: str, language: str = "nl") -> list[tuple[str, int]]:
    return [(one.check, one.line) for one in find_all(source, language, MarkupLimits())]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("tekst\n![](file:a.png)", [("alt", 2)]),
        ("![Een kat](file:a.png)", []),
        ("## Een\n\n#### Diep\n\n## Twee\n\n### Goed", [("headings", 3)]),
        ("# Een\n\n## Twee", []),
        ("##\n\ntekst", [("empty_heading", 1)]),
        ("Kijk [hier](/x).", [("link_text", 1)]),
        ("a\nb [Klik hier!](/x)", [("link_text", 2)]),
        ("[Read more…](/x)", [("link_text", 1)]),
        ("[hier staat het](/x)", []),
        ("[![Kat](file:a.png)](/x)", []),
        ("[https://example.org/een/heel/lang/adres](https://example.org/een/heel/lang/adres)", [("bare_link", 1)]),
        ("[een](/x) [twee](/x)", [("same_links", 1)]),
        ("[een](/x) en [twee](/x)", []),
        ("| | |\n|---|---|\n| a | b |", [("table", 1)]),
        ("| | b |\n|---|---|\n| a | b |", []),
        ("DIT IS HEEL BELANGRIJK VOOR U", [("capitals", 1)]),
        ("De AVG, BIO en WOO van VNG", []),
        ("Vul de rode velden in.", [("colour", 1)]),
        ("Het rode kruis komt langs.", []),
        (_LONG, [("long_sentence", 1)]),
        ("- " + _LONG, [("long_sentence", 1)]),
        (f"```\n{_LONG}\n[hier](/x)\n```\n\n`[hier](/x)`", []),
        ("> " * 60 + "te diep", []),
        ("", []),
    ],
)
def test_findings(source: str, found: list[tuple[str, int]]) -> None:
    assert _found(source) == found


def test_no_more_of_one_kind_than_somebody_reads() -> None:
    assert len(_found("[hier](/x)\n\n" * 50)) == MOST


def test_full_stop_behind_an_abbreviation_ends_no_sentence() -> None:
    text = "Zie bijv. Den Haag, art. 5 en t.a.v. De Vries. Dat is 3.5 meter! Echt? Ja."
    assert len(list(sentences(text))) == 4


def test_reading_ease_tells_easy_from_hard() -> None:
    easy = "Je vraagt het aan bij de balie. Daar krijg je een kaart. Die neem je mee als je gaat. " * 3
    hard = (
        "Gegevensbeschermingseffectbeoordelingen veronderstellen verantwoordelijkheidsverdelingen tussen "
        "gemeentelijke organisatieonderdelen. "
    ) * 8
    assert (ease(easy, "nl") or 0) > 60
    assert is_hard(hard, "nl") and not is_hard(easy, "nl")
    assert ease("Te kort.", "nl") is None
    assert ease(easy, "fr") is None


def test_the_demo_gets_no_advice() -> None:
    """What we write ourselves is the measure: advice on it would be a mistake of one of the two."""
    for page in sorted(Path(plein.demo.__file__).parent.rglob("*.md")):
        assert _found(page.read_text(encoding="utf-8")) == [], page.name
