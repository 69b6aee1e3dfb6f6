"""Raw HTML in Markdown as a small tree. Forgiving as a browser: whatever is wrong in it, the text comes through.

Not the standard library's parser: text between tags is Markdown here and must stay as it is written.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field


def words(*lines: str) -> frozenset[str]:
    """The words in *lines*."""
    return frozenset(" ".join(lines).split())


VOID = words("area base br col embed hr img input link meta param source track wbr")
RAW = words("script style textarea title noscript template")
BLOCK = words(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form",
    "h1 h2 h3 h4 h5 h6 header hr html iframe li main nav ol p pre script section style summary table tbody td tfoot",
    "th thead tr ul video audio object embed svg canvas noscript template title caption",
    "colgroup head link meta select textarea",
)
INLINE = words(
    "a abbr acronym b bdi bdo big br button cite code data del dfn em font i img input ins kbd label mark picture",
    "q rp rt ruby s samp small source span strike strong sub sup time track tt u var wbr option progress meter",
    "area map base col param",
)
#: A line that starts with one of these starts a block.
STARTS = BLOCK - {"li", "td", "th", "tr", "dd", "dt", "tbody", "thead", "tfoot", "caption", "summary"}
MAX_DEPTH = 60

_NAME = r"[A-Za-z][A-Za-z0-9-]*"
TAG = re.compile(
    rf"<(/?)({_NAME})((?:=[^\s<>]*)?(?:\s+[^\s<>\"'=/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))?)*)\s*(/?)>"
)
_ATTRIBUTE = re.compile(r"([^\s\"'=/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+)))?")
#: An element of these kinds ends where the next of the same family begins.
_ENDS = {"li": {"li"}, "tr": {"tr", "td", "th"}, "td": {"td", "th"}, "th": {"td", "th"}, "dt": {"dt", "dd"},
         "dd": {"dt", "dd"}, "option": {"option"}}  # fmt: skip
_KEEPERS = {"li": {"ul", "ol"}, "tr": {"table"}, "td": {"table"}, "th": {"table"}, "dt": {"dl"}, "dd": {"dl"},
            "option": {"select"}}  # fmt: skip


@dataclass(slots=True)
class Text:
    """:param row: which line of the parsed text it starts on, from 0."""

    text: str
    row: int


@dataclass(slots=True)
class Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | Text]" = field(default_factory=list)
    row: int = 0
    #: the tag as written
    source: str = ""

    @property
    def is_block(self) -> bool:
        return self.tag in BLOCK

    def find(self, *tags: str) -> "Iterator[Node]":
        """Descendants with one of *tags*, in order, not looking inside those found."""
        for child in self.children:
            if isinstance(child, Node):
                if child.tag in tags:
                    yield child
                else:
                    yield from child.find(*tags)


def parse(text: str) -> Node:
    """The tree of *text*. Names that HTML does not know stay text, unless they are closed somewhere."""
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.breaks = [match.start() for match in re.finditer("\n", text)]
        self.closed = {match[1].lower() for match in re.finditer(rf"</({_NAME})", text)}
        self.root = Node("")
        self.stack = [self.root]
        self.position = 0

    def parse(self) -> Node:
        while match := TAG.search(self.text, self.position):
            tag = match[2].lower()
            self._add_text(self.position, match.start())
            self.position = match.end()
            escaped = self.text[match.start() - 1 : match.start()] == "\\"
            known = tag in BLOCK or tag in INLINE or tag in RAW or tag in self.closed
            if escaped or not known:
                self._add_text(match.start(), match.end())
            elif match[1]:
                self._close(tag)
            else:
                self._open(tag, match)
        self._add_text(self.position, len(self.text))
        return self.root

    def _row(self, position: int) -> int:
        return bisect_right(self.breaks, position - 1) if position else 0

    def _add_text(self, start: int, end: int) -> None:
        if end > start:
            self.stack[-1].children.append(Text(self.text[start:end], self._row(start)))

    def _open(self, tag: str, match: re.Match[str]) -> None:
        if tag in BLOCK:
            self._end_paragraph()
        self._end_sibling(tag)
        if len(self.stack) > MAX_DEPTH:
            return
        node = Node(tag, _attributes(match[3]), row=self._row(match.start()), source=match[0])
        self.stack[-1].children.append(node)
        if tag in RAW:
            end = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(self.text, self.position)
            stop = end.start() if end else len(self.text)
            node.children.append(Text(self.text[self.position : stop], self._row(self.position)))
            self.position = end.end() if end else stop
        elif tag not in VOID and not match[4]:
            self.stack.append(node)

    def _end_paragraph(self) -> None:
        if self.stack[-1].tag == "p":
            self.stack.pop()

    def _end_sibling(self, tag: str) -> None:
        for depth in range(len(self.stack) - 1, 0, -1):
            open_tag = self.stack[depth].tag
            if open_tag in _KEEPERS.get(tag, ()):
                return
            if open_tag in _ENDS.get(tag, ()):
                del self.stack[depth:]
                if tag != "tr":
                    return

    def _close(self, tag: str) -> None:
        for depth in range(len(self.stack) - 1, 0, -1):
            if self.stack[depth].tag == tag:
                del self.stack[depth:]
                return


def _attributes(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(source):
        value = match[2] if match[2] is not None else match[3] if match[3] is not None else match[4] or ""
        found.setdefault(match[1].lower(), html.unescape(value))
    return found
