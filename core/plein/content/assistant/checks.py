"""What the assistant looks for in a text: places where some people will not get through. See EN 301 549, 11.8.

Works on the parsed Markdown, so that code is left alone and each finding has its line. Better silent than wrong: what
is shown too often is not read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from markdown_it.token import Token
from translationstring import TranslationString

from plein.content.assistant.reading_ease import LONG_SENTENCE, is_hard, sentences
from plein.web.i18n import _
from plein.web.markup_inline import plain
from plein.web.markup_links import file_name
from plein.web.markup_parser import parse
from plein.web.markup_types import MarkupError, MarkupLimits

Check = Literal[
    "alt", "headings", "empty_heading", "link_text", "bare_link", "same_links", "table", "capitals", "colour",
    "long_sentence", "hard",
]  # fmt: skip

#: No more of one kind are listed: who has twenty knows what to do.
MOST = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at.

    :param line: of the text, from 1.
    :param text: the words that it is about, as they stand there, to be found by.
    """

    check: Check
    line: int
    text: str
    advice: TranslationString


#: Texts of links that say nothing.
_NOTHING = frozenset(
    [
        *("hier", "klik hier", "klik", "lees meer", "meer", "lees verder", "verder", "meer informatie", "meer info"),
        *("link", "deze link", "deze pagina", "website", "ga naar", "download", "here", "click here", "click"),
        *("read more", "more", "more information", "more info", "this link", "this page", "go"),
    ]
)
_COLOURS = (
    r"(?:rode|groene|gele|blauwe|oranje|rood|groen|geel|blauw|red|green|yellow|blue|orange)"
    r"\s+(?:\w+\s+)?(?:knop|tekst|vlak|velden|veld|regels?|cellen|cel|kolom|button|text|area|fields?|rows?|cells?|column)"
)
_COLOUR = re.compile(
    rf"\b(?:in\s+het\s+(?:rood|groen|geel|blauw|oranje)\b|(?:marked|shown|printed)\s+in\s+"
    rf"(?:red|green|yellow|blue|orange)\b|{_COLOURS}\b)",
    re.IGNORECASE,
)
#: Four words or more in capitals: an abbreviation is one, a name of an organisation may be three.
_CAPITALS = re.compile(r"(?:\b[A-ZÀ-Þ]{2,}\b[\s,'’-]*){4,}")
_END = " \t.,:;!?…»>→"


def find_all(source: str, language: str, limits: MarkupLimits) -> list[Finding]:
    """All there is to say about *source*, by line; nothing where it cannot be shown at all."""
    try:
        limits.check(source)
        tokens, _env, _work = parse(source, limits)
    except MarkupError:
        return []
    found: list[Finding] = []
    for check in (_headings, _pictures_and_links, _tables, _words):
        found += check(tokens, language)
    counts: dict[str, int] = {}
    kept = []
    for one in sorted(found, key=lambda one: one.line):
        counts[one.check] = counts.get(one.check, 0) + 1
        if counts[one.check] <= MOST:
            kept.append(one)
    return kept


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _headings(tokens: Sequence[Token], language: str) -> Iterator[Finding]:
    """Levels that are skipped, and headings without words. A page shows levels in order; what is written should be so
    too: text goes elsewhere, and whoever edits it next looks at the signs."""
    before = 0
    for index, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        level, text = int(token.tag[1]), plain(tokens[index + 1].children or []).strip()
        if not text:
            advice = _("This heading is empty. Give it words, or take it away.")
            yield Finding("empty_heading", _line(token), tokens[index + 1].content or "#" * level, advice)
            continue
        if before and level > before + 1:
            advice = _(
                "After a heading of level ${before} comes one of level ${level}. Do not skip a level.",
                mapping={"before": before, "level": level},
            )
            yield Finding("headings", _line(token), text, advice)
        before = level


def _pictures_and_links(tokens: Sequence[Token], language: str) -> Iterator[Finding]:
    for token in tokens:
        if token.type == "inline":
            yield from _in_line(token)


def _in_line(token: Token) -> Iterator[Finding]:
    line, last = _line(token), None
    inside: list[Token] | None = None
    href = ""
    for child in token.children or []:
        if child.type in ("softbreak", "hardbreak"):
            line += 1
        if child.type == "image" and not plain(child.children or []).strip():
            source = str(child.attrs.get("src", ""))
            advice = _("This picture has no text for who cannot see it. Write between the brackets what it shows.")
            yield Finding("alt", line, file_name(source) or source, advice)
        if child.type == "link_open":
            inside, href = [], str(child.attrs.get("href", ""))
        elif child.type == "link_close" and inside is not None:
            yield from _link(line, plain(inside).strip(), href, inside)
            if last is not None and last == href:
                advice = _("Two links next to each other lead to the same place. Make one of them.")
                yield Finding("same_links", line, plain(inside).strip() or href, advice)
            last, inside = href, None
        elif inside is not None:
            inside.append(child)
        elif not (child.type == "text" and not child.content.strip()):
            last = None


def _link(line: int, text: str, href: str, inside: Sequence[Token]) -> Iterator[Finding]:
    if text.strip(_END).lower() in _NOTHING and not any(one.type == "image" for one in inside):
        advice = _("“${text}” does not say where the link leads. Use words that do.", mapping={"text": text[:60]})
        yield Finding("link_text", line, text or href, advice)
    elif text.startswith(("http://", "https://")) and len(text) > 30:
        advice = _("An address is hard to read, and to listen to. Write words, with the address behind them.")
        yield Finding("bare_link", line, text, advice)


def _tables(tokens: Sequence[Token], language: str) -> Iterator[Finding]:
    """A table in Markdown always has a header row; whether anything stands in it is up to the writer."""
    for index, token in enumerate(tokens):
        if token.type != "thead_open":
            continue
        cells = []
        for other in tokens[index:]:
            if other.type == "thead_close":
                break
            if other.type == "inline":
                cells.append(other.content.strip())
        # The first may be empty: above the names of rows.
        if not any(cells[1:]) and not (len(cells) == 1 and cells[0]):
            advice = _("The first row of this table is empty. Say in it what stands in each column.")
            yield Finding("table", _line(token), "|", advice)


def _words(tokens: Sequence[Token], language: str) -> Iterator[Finding]:
    for index, token in enumerate(tokens):
        if token.type != "inline" or not token.children:
            continue
        text = " ".join(plain(token.children).split())
        match = _CAPITALS.search(text)
        if match is not None:
            advice = _("Words in capitals are hard to read, and some programs spell them out. Use small letters.")
            yield Finding("capitals", _line(token), match[0].strip(), advice)
        match = _COLOUR.search(text)
        if match is not None:
            advice = _("Not everybody sees colours. Say also where it is, or what it is called.")
            yield Finding("colour", _line(token), match[0], advice)
        if tokens[index - 1].type == "paragraph_open":
            yield from _sentences(token, text, language)


def _sentences(token: Token, text: str, language: str) -> Iterator[Finding]:
    long = [one for one in sentences(text) if one.count(" ") + 1 > LONG_SENTENCE]
    for one in long:
        advice = _(
            "This sentence has ${number} words. Up to ${limit} reads easily: can it be two?",
            mapping={"number": one.count(" ") + 1, "limit": LONG_SENTENCE},
        )
        yield Finding("long_sentence", _line(token), " ".join(one.split()[:8]), advice)
    if not long and is_hard(text, language):
        advice = _("This passage is hard to read: many long words. Can it be said with shorter ones?")
        yield Finding("hard", _line(token), " ".join(text.split()[:8]), advice)
