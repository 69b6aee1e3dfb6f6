"""The words in a file, for search: PDF, office documents and plain text. Layout is of no use there, and left out."""

import re
import zipfile
from collections.abc import Callable
from typing import Any, BinaryIO
from xml.sax import ContentHandler, SAXException
from xml.sax.handler import feature_namespaces

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from plein.confined.archives import Part, Refused, opened

#: Characters that are kept of one file: some five hundred pages.
MOST = 1_000_000
MOST_PAGES = 2_000
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_BLANKS = re.compile(r"[ \t\r\f\v\u00a0]+")
_LINES = re.compile(r"\s*\n\s*")
#: What no database stores in a text.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class _Full(Exception):
    """As much as is kept was read."""


class _Words:
    def __init__(self) -> None:
        self._parts: list[str] = []
        self._room = MOST

    def add(self, text: str) -> None:
        self._parts.append(text[: self._room])
        self._room -= len(text)
        if self._room <= 0:
            raise _Full

    def __str__(self) -> str:
        text = _NO_TEXT.sub("", "".join(self._parts))
        return _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def text_of_file(source: str, media_type: str) -> dict[str, Any]:
    """The answer of the task ``text``: ``{"text": …}``, or ``{"text": None}`` where such a file has no words."""
    read = _reader(media_type)
    if read is None:
        return {"text": None}
    words = _Words()
    try:
        with open(source, "rb") as file:
            read(file, words)
    except _Full:
        pass
    return {"text": str(words)}


def _reader(media_type: str) -> Callable[[BinaryIO, _Words], None] | None:
    if media_type == "application/pdf":
        return _pdf
    if media_type.startswith(_OFFICE):
        return _office
    if media_type in (f"{_OPEN}text", f"{_OPEN}spreadsheet", f"{_OPEN}presentation"):
        return _open_document
    return _plain if media_type == "text/plain" else None


def _plain(file: BinaryIO, words: _Words) -> None:
    # Four bytes is the longest that a character can be.
    words.add(file.read(MOST * 4).decode("utf-8", "replace"))


def _pdf(file: BinaryIO, words: _Words) -> None:
    from pypdf import PdfReader

    reader = PdfReader(file)
    # Many files are locked against changes only, and opened with no password by every reader.
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("encrypted")
    for number, page in enumerate(reader.pages):
        if number >= MOST_PAGES:
            return
        words.add(page.extract_text() + "\n")


_PARTS = re.compile(
    r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
    r"|xl/(sharedStrings|workbook|worksheets/[^/]+|comments\d*)\.xml"
    r"|ppt/(slides|notesSlides)/[^/]+\.xml"
)


def _office(file: BinaryIO, words: _Words) -> None:
    _read_parts(file, words, lambda name: bool(_PARTS.fullmatch(name)), within={"t"}, named="sheet")


def _open_document(file: BinaryIO, words: _Words) -> None:
    _read_parts(file, words, lambda name: name == "content.xml", within={"p", "h"}, named="table")


def _read_parts(file: BinaryIO, words: _Words, wanted: Callable[[str], bool], *, within: set[str], named: str) -> None:
    archive = opened(file)
    for name in sorted(filter(wanted, set(archive.namelist())), key=_in_order):
        parser = make_parser()
        parser.forbid_dtd = True
        parser.setFeature(feature_namespaces, True)
        parser.setContentHandler(_Texts(words, within, named))
        try:
            parser.parse(Part(archive, name))
        except DefusedXmlException as error:
            raise Refused("bomb") from error
        except (SAXException, zipfile.BadZipFile, RuntimeError, OSError, ValueError) as error:
            if isinstance(error, Refused):
                raise
            raise Refused("encrypted" if "encrypted" in str(error) else "broken") from error
        words.add("\n")


def _in_order(name: str) -> list[Any]:
    """``slide10`` comes after ``slide9``."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


class _Texts(ContentHandler):
    """Collects what stands in the elements *within*, and the names of sheets; a new line after each paragraph."""

    _BREAKS = frozenset({"p", "h", "si", "tr", "row", "br", "table-row", "line-break"})
    _BLANKS = frozenset({"tab", "tc", "c", "s", "table-cell"})

    def __init__(self, words: _Words, within: set[str], named: str) -> None:
        super().__init__()
        self._words, self._within, self._named, self._depth = words, within, named, 0

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:
        self._depth += name[1] in self._within
        if name[1] in self._BLANKS:
            self._words.add(" ")
        if name[1] == self._named:
            titles = [value for (_space, key), value in attrs.items() if key == "name"]
            self._words.add("\n".join([*titles, ""]))

    def endElementNS(self, name: Any, qname: Any) -> None:
        self._depth -= name[1] in self._within
        if name[1] in self._BREAKS:
            self._words.add("\n")

    def characters(self, content: str) -> None:
        if self._depth:
            self._words.add(content)
