"""A Markdown file of the MkDocs dialect as a page of Plein, without looking at any other file.

Pure: text in, :class:`Converted` out, and never an exception for what the text holds. Links are resolved afterwards,
when all pages are known (see :mod:`plein.transfer.links`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from plein.transfer.blocks import convert_blocks
from plein.transfer.frontmatter import LAYOUT_KEYS, FrontMatter, read_front_matter
from plein.transfer.lines import CLOSE, OPEN, Kept, Line, keep_code_spans, split
from plein.transfer.marks import convert_inline_html, convert_marks, drop_comments, keep_templates
from plein.transfer.notes import Notes

#: Goes into the digest of each page: raise it when the same source gives another text.
VERSION = 1

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff]")
_ATX = re.compile(r"^ {0,3}(#{1,6})(?:[ ]+(.*?))?(?:[ ]+#+)?[ ]*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)[ ]*$")
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
_EMPHASIS = re.compile(r"(?<![\w\\])([*_]{1,3})(?=\S)([^*_]+?)(?<=\S)\1(?!\w)")
_SENTENCE = re.compile(r"\W+")


@dataclass(slots=True)
class Heading:
    """:param text: without marks. :param number: of its line in the source."""

    level: int
    text: str
    number: int


@dataclass(slots=True)
class Converted:
    """A file as a page.

    :param lines: Plein's Markdown; links as in the source, code still taken out.
    :param kept: what :attr:`lines` has tokens for.
    :param rest: front matter that Plein has no field for.
    :param error: of the front matter: line and reason.
    :param headings: with the ones that were taken as title, for links that point at them.
    :param anchors: ids given to headings by hand, with the heading's text.
    """

    title: str
    lines: list[Line]
    kept: Kept
    notes: Notes
    tags: list[str] = field(default_factory=list)
    date: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)
    error: tuple[int, str] | None = None
    headings: list[Heading] = field(default_factory=list)
    anchors: dict[str, str] = field(default_factory=dict)

    def body(self, lines: Sequence[Line] | None = None) -> str:
        """The page's Markdown, with nothing taken out and no run of blank lines."""
        result: list[str] = []
        for line in self.lines if lines is None else lines:
            text = line.text if line.code else line.text.rstrip()
            blank = not line.code and not text.strip(" >")
            if blank and (not result or not result[-1].strip(" >")) and (not text or not result or result[-1] == text):
                continue
            result.append(text)
        text = self.kept.put_back("\n".join(result)).strip("\n")
        return text + "\n" if text else ""


def convert(text: str, path: str, *, tag_keys: Sequence[str] = ()) -> Converted:
    """*text*, the file *path*, as a page.

    :param path: relative to the imported folder; names the page where nothing else does.
    :param tag_keys: keys of the front matter that are to become tags, besides the usual ones.
    """
    notes, kept = Notes(), Kept()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        first = text.count("\n", 0, _CONTROL.search(text).start()) + 1  # type: ignore[union-attr]
        notes.add("encoding", first, "signs that are no text were replaced")
        text = _CONTROL.sub("\ufffd", text)
    front = read_front_matter(text, tag_keys=tag_keys)
    if front.error:
        notes.add("front-matter-error", front.error[0], front.error[1])
    anchors: dict[str, str] = {}
    lines = keep_code_spans(split(front.body, front.first), kept)
    lines = keep_templates(lines, notes, kept)
    lines = drop_comments(lines, notes, kept)
    lines = convert_blocks(lines, notes, kept)
    lines = convert_marks(lines, notes, kept, anchors)
    lines = convert_inline_html(lines, notes, kept)
    _note_diagrams(lines, notes)
    page = Converted("", lines, kept, notes, anchors=anchors, error=front.error)
    _name(page, front, path)
    _fill(page, front)
    return page


def _fill(page: Converted, front: FrontMatter) -> None:
    """What the front matter says, and a note of what of it has no place in a page."""
    page.tags, page.date, page.values, page.rest = front.tags, front.date, front.values, front.rest
    for key, value in front.rest.items():
        kind = "layout" if key.lower() in LAYOUT_KEYS else "front-matter"
        page.notes.add(kind, 1, f"{key}: {value}")
    if not front.summary:
        return
    seen = _SENTENCE.sub(" ", page.body()).casefold()
    if _SENTENCE.sub(" ", front.summary).casefold().strip() not in seen:
        page.lines[:0] = [Line(front.summary, 1), Line("", 1)]
        page.notes.add("summary", 1, "the summary became the first paragraph")


def _name(page: Converted, front: FrontMatter, path: str) -> None:
    """Find the title, and take its heading out: Plein shows the title above the page."""
    page.headings = headings_of(page.lines, page.kept)
    first = next((heading for heading in page.headings if heading.level == 1 and heading.text), None)
    page.title = plain_text(page.kept.put_back(front.title)) or (first.text if first else "") or title_of_file(path)
    if first and _same(first.text, page.title):
        _take_out(page.lines, first.number)


def _same(one: str, other: str) -> bool:
    return _SENTENCE.sub(" ", one).strip().casefold() == _SENTENCE.sub(" ", other).strip().casefold()


def _take_out(lines: list[Line], number: int) -> None:
    for index, line in enumerate(lines):
        if line.number == number and not line.code and line.text.strip():
            if not _ATX.match(line.text) and index + 1 < len(lines):
                lines[index + 1] = lines[index + 1]._replace(text="")
            lines[index] = line._replace(text="")
            return


def headings_of(lines: Sequence[Line], kept: Kept) -> list[Heading]:
    """The headings in *lines*, in order."""
    found = []
    for index, line in enumerate(lines):
        if line.code or not line.text.strip():
            continue
        bare = line.text.lstrip(" >").removeprefix("- ").removeprefix("-   ").lstrip()
        match = _ATX.match(bare)
        if match:
            found.append(Heading(len(match[1]), plain_text(kept.put_back(match[2] or "")), line.number))
            continue
        following = lines[index + 1] if index + 1 < len(lines) else None
        underline = _SETEXT.match(following.text) if following and not following.code else None
        if underline and _is_paragraph(lines, index):
            level = 1 if underline[1][0] == "=" else 2
            found.append(Heading(level, plain_text(kept.put_back(line.text)), line.number))
    return found


def _is_paragraph(lines: Sequence[Line], index: int) -> bool:
    """Whether the line is a paragraph of one line, so that a ruler under it makes it a heading."""
    before = lines[index - 1].text.strip() if index else ""
    text = lines[index].text
    return not before and not text.startswith(("    ", "|", ">", "- ", "* ", "+ ", "#"))


def plain_text(markdown: str) -> str:
    """*markdown* of one line without its marks."""
    text = markdown
    for _times in range(4):
        text = _LINK.sub(r"\1", text)
    text = _EMPHASIS.sub(r"\2", text)
    text = re.sub(r"<br\s*/?>", " ", text.replace("`", ""))
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
    return " ".join(text.replace(OPEN, "").replace(CLOSE, "").split())


def title_of_file(path: str) -> str:
    """A title made of a file's or folder's name."""
    name = PurePosixPath(path.rstrip("/"))
    stem = name.parent.name if name.stem.lower() in ("index", "readme") and name.parent.name else name.stem
    words = re.sub(r"[-_\s]+", " ", stem).strip()
    return words[:1].upper() + words[1:] if words else "Index"


def _note_diagrams(lines: Sequence[Line], notes: Notes) -> None:
    for line in lines:
        if line.code and re.match(r"^[ >]*[`~]{3,}[ ]*(mermaid|plantuml|dot|vega)\b", line.text):
            notes.add("diagram", line.number, "a drawing in text, kept as code")
