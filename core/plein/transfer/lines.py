"""Lines that remember where they came from, and what in them is code.

Converting moves text around; a receipt that names the wrong line is of no use. So each line carries its number in the
source file. Code is taken out before anything is converted and put back untouched at the end.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

#: Noncharacters: no text has a use for them, so they can mark what was taken out.
OPEN, CLOSE = "\ufdd0", "\ufdd1"
TOKEN = re.compile(f"{OPEN}([A-Z])([0-9]+){CLOSE}")

_FENCE = re.compile(r"^((?:[ \t]*>)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_BACKTICKS = re.compile(r"`+")
_LEADING = re.compile(r"^[ ]*\t[ \t]*")


class Line(NamedTuple):
    """:param number: in the source file. :param code: inside a fenced block: leave it alone."""

    text: str
    number: int
    code: bool = False


@dataclass(slots=True)
class Kept:
    """Pieces that were taken out of a text, by the token that stands in their place."""

    pieces: dict[str, str] = field(default_factory=dict)

    def keep(self, piece: str, letter: str = "K") -> str:
        token = f"{OPEN}{letter}{len(self.pieces)}{CLOSE}"
        self.pieces[token] = piece
        return token

    def put_back(self, text: str) -> str:
        """*text* with every kept piece in its place again; a piece may hold tokens of earlier ones."""
        while OPEN in text:
            restored = TOKEN.sub(lambda match: self.pieces.get(match[0], ""), text)
            if restored == text:
                break
            text = restored
        return text


def split(text: str, first: int = 1) -> list[Line]:
    """*text* as lines, numbered from *first*, tabs at their start made spaces, fenced blocks marked as code."""
    return mark_code([Line(line, number) for number, line in enumerate(text.split("\n"), first)])


def mark_code(lines: Iterable[Line]) -> list[Line]:
    """The same lines, those of fenced blocks (fences included) marked as code. A fence in a comment is no fence."""
    marked = []
    fence = ""
    comment = False
    for line in lines:
        text = line.text
        if fence:
            marked.append(line._replace(code=True))
            if _closes(text, fence):
                fence = ""
            continue
        match = None if comment else _FENCE.match(text)
        if match:
            fence = match[2]
            marked.append(line._replace(code=True))
            continue
        comment = _in_comment(text, comment)
        marked.append(line._replace(text=expand(text)))
    return marked


def _in_comment(text: str, before: bool) -> bool:
    start, end = text.rfind("<!--"), text.rfind("-->")
    return before if start == end else start > end


def _closes(text: str, fence: str) -> bool:
    stripped = text.lstrip(" \t>").rstrip()
    return len(stripped) >= len(fence) and set(stripped) == {fence[0]}


def expand(text: str) -> str:
    """*text* with tabs in its indentation made spaces, four to a tab."""
    match = _LEADING.match(text)
    return match[0].expandtabs(4) + text[match.end() :] if match else text


def indent_of(text: str) -> int:
    """How many columns *text* starts in from the margin."""
    expanded = expand(text)
    return len(expanded) - len(expanded.lstrip(" "))


def dedent(line: Line, columns: int) -> Line:
    """*line* moved to the margin by at most *columns*."""
    text = expand(line.text)
    return line._replace(text=text[min(columns, len(text) - len(text.lstrip(" "))) :])


def keep_code_spans(lines: Sequence[Line], kept: Kept) -> list[Line]:
    """The same lines with inline code taken out. A span ends with its paragraph, as in Markdown."""
    result: list[Line] = []
    for paragraph in paragraphs(lines):
        if any("`" in line.text for line in paragraph) and not paragraph[0].code:
            text = "\n".join(line.text for line in paragraph)
            cut = _cut_spans(text, kept).split("\n")
            paragraph = [line._replace(text=part) for line, part in zip(paragraph, cut, strict=True)]
        result += paragraph
    return result


def paragraphs(lines: Sequence[Line]) -> Iterable[list[Line]]:
    """Runs of lines: each run all code, all blank, or a block of text without blank lines."""
    run: list[Line] = []
    sort = None
    for line in lines:
        now = (line.code, not line.text.strip() and not line.code)
        if run and now != sort:
            yield run
            run = []
        run.append(line)
        sort = now
    if run:
        yield run


def _cut_spans(text: str, kept: Kept) -> str:
    runs = [(match.start(), match.end()) for match in _BACKTICKS.finditer(text)]
    starts_by_length: dict[int, list[int]] = {}
    for start, end in runs:
        starts_by_length.setdefault(end - start, []).append(start)
    parts: list[str] = []
    position = 0
    for start, end in runs:
        if start < position or _escaped(text, start):
            continue
        same = starts_by_length[end - start]
        following = bisect_right(same, start)
        if following == len(same):
            continue
        stop = same[following] + end - start
        span = text[start:stop]
        # A span over several lines keeps its line ends outside, so that lines keep their numbers.
        parts += [text[position:start], "\n".join(kept.keep(part) for part in span.split("\n"))]
        position = stop
    return "".join(parts) + text[position:]


def _escaped(text: str, position: int) -> bool:
    slashes = 0
    while position > slashes and text[position - slashes - 1] == "\\":
        slashes += 1
    return slashes % 2 == 1
