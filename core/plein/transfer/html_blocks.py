"""Blocks of raw HTML as Markdown: headings, lists, tables, folded parts, figures; layout gives what is in it."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plein.transfer.alerts import quoted, trimmed
from plein.transfer.html_inline import BREAK, Inline
from plein.transfer.html_tree import STARTS, TAG, Node, Text, parse, words
from plein.transfer.lines import CLOSE, OPEN, Kept, Line, dedent
from plein.transfer.notes import Notes

_START = re.compile(r"^ *<([A-Za-z][A-Za-z0-9-]*)(?=[\s/>=])")
_FENCED = re.compile(f"{OPEN}F([0-9]+){CLOSE}")
#: Elements whose text is prose of one paragraph; in all others it is Markdown with lines that matter.
_PROSE = words("p li td th h1 h2 h3 h4 h5 h6 summary figcaption caption dt dd address legend")
_DROPPED = words("script style noscript template head title link meta svg canvas select")
_PLAYED = ("iframe", "video", "audio", "embed", "object")

Convert = Callable[[list[Line]], list[Line]]


def starts_html(text: str) -> bool:
    """Whether a block of raw HTML begins on this line."""
    match = _START.match(text)
    return match is not None and match[1].lower() in STARTS


def html_block(
    lines: Sequence[Line], position: int, notes: Notes, kept: Kept, convert: Convert
) -> tuple[int, list[Line]]:
    """The block that starts at *position*: how many lines it takes, and its Markdown.

    :param convert: makes Plein's Markdown of the dialect's, for text inside.
    :return: ``(0, [])`` where the line only looks like HTML.
    """
    match = _START.match(lines[position].text)
    if match is None or TAG.search(lines[position].text + "\n" + _next_text(lines, position)) is None:
        return 0, []
    used = _length(lines, position, match[1].lower())
    rows, fenced = _take_code_out(lines[position : position + used])
    tree = parse("\n".join(row.text for row in rows))
    blocks = _Blocks(Inline(notes, kept, [row.number for row in rows]), convert)
    result = trimmed(blocks.flow(tree))
    return used, [each for line in result for each in _put_code_back(line, fenced)]


def _next_text(lines: Sequence[Line], position: int) -> str:
    return "\n".join(line.text for line in lines[position + 1 : position + 20])


def _length(lines: Sequence[Line], position: int, tag: str) -> int:
    """How many lines the element takes: to where it is closed, else to the next blank line."""
    ends = re.compile(rf"<(/?){re.escape(tag)}(?=[\s/>])", re.IGNORECASE)
    depth = 0
    for number in range(position, len(lines)):
        if not lines[number].code:
            for match in ends.finditer(lines[number].text):
                depth += -1 if match[1] else 1
        if depth <= 0:
            return number + 1 - position
    for number in range(position + 1, len(lines)):
        if not lines[number].text.strip():
            return number - position
    return len(lines) - position


def _take_code_out(lines: Sequence[Line]) -> tuple[list[Line], list[list[Line]]]:
    rows: list[Line] = []
    fenced: list[list[Line]] = []
    in_code = False
    for line in lines:
        if line.code and in_code:
            fenced[-1].append(line)
        elif line.code:
            rows.append(Line(f"{OPEN}F{len(fenced)}{CLOSE}", line.number))
            fenced.append([line])
        else:
            rows.append(line)
        in_code = line.code
    return rows, fenced


def _put_code_back(line: Line, fenced: list[list[Line]]) -> list[Line]:
    match = _FENCED.search(line.text)
    if not match or line.code:
        return [line]
    before, after = line.text[: match.start()], line.text[match.end() :]
    prefix = before if not before.strip(" >") else ""
    block = fenced[int(match[1])]
    margin = len(block[0].text) - len(block[0].text.lstrip(" "))
    code = [each._replace(text=prefix + (each.text[margin:] if not each.text[:margin].strip() else each.text))
            for each in block]  # fmt: skip
    edges = [[Line(part, line.number)] if part.strip(" >") else [] for part in (before, after)]
    return [*edges[0], *code, *edges[1]]


@dataclass(slots=True)
class _Blocks:
    inline: Inline
    convert: Convert

    def flow(self, node: Node) -> list[Line]:
        """What stands in *node*, block after block, a blank line between them."""
        result: list[Line] = []
        run: list[Node | Text] = []
        for child in node.children:
            if isinstance(child, Node) and child.is_block:
                result += self._paragraph(run, node)
                run = []
                block = trimmed(self.block(child))
                result += [*block, Line("", self.inline.number(child))] if block else []
            else:
                run.append(child)
        return result + self._paragraph(run, node)

    def _paragraph(self, run: "list[Node | Text]", parent: Node) -> list[Line]:
        if not run:
            return []
        number = self.inline.number(run[0])
        if parent.tag in _PROSE:
            text = self.inline.line(run)
            return [*_line(text, number), Line("", number)] if text else []
        text = self.inline.text(run)
        if not text.strip(" \n" + BREAK):
            return []
        return [*self._markdown(text, run[0].row), Line("", number)]

    def _markdown(self, text: str, row: int) -> list[Line]:
        """Text of a layout element: Markdown, moved to the margin."""
        rows = text.split("\n")
        margins = [len(each) - len(each.lstrip(" ")) for each in rows[1:] if each.strip()]
        margin = min(margins, default=0)
        numbers = self.inline.numbers
        lines: list[Line] = []
        for offset, each in enumerate(rows):
            number = numbers[min(row + offset, len(numbers) - 1)]
            each = each[margin:] if offset and not each[:margin].strip() else each.lstrip(" ")
            lines += _line(each, number)
        return self.convert(lines)

    def block(self, node: Node) -> list[Line]:
        """One block element."""
        tag, number = node.tag, self.inline.number(node)
        if tag in _DROPPED:
            self.inline.drop(node)
            return []
        if tag in _PLAYED:
            return [Line(self.inline.played(node), number)]
        self.inline.notes.add("html", number, node.source)
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            text = self.inline.line(node.children).replace(BREAK, " ")
            return [Line(f"{'#' * int(tag[1])} {text}", number)] if text else []
        if tag in ("ul", "ol"):
            return self._list(node)
        if tag == "table":
            return self._table(node)
        if tag == "hr":
            return [Line("---", number)]
        if tag == "pre":
            return self._pre(node, number)
        if tag == "details":
            return self._details(node, number)
        if tag == "blockquote":
            return quoted(trimmed(self.flow(node)))
        if tag in ("dt", "figcaption", "caption", "summary"):
            mark = "**" if tag in ("dt", "summary") else "*"
            text = self.inline.line(node.children).replace(BREAK, " ")
            return [Line(f"{mark}{text}{mark}", number)] if text else []
        if tag == "dd":
            return _item("- ", trimmed(self.flow(node)))
        lines = self.flow(node)
        return _uncarded(lines) if "cards" in node.attributes.get("class", "").split() else lines

    def _list(self, node: Node) -> list[Line]:
        result: list[Line] = []
        start = node.attributes.get("start", "1")
        count = int(start) if start.isdecimal() and len(start) < 9 else 1
        for child in node.children:
            if isinstance(child, Text) or child.tag != "li":
                stray: list[Node | Text] = [child] if isinstance(child, Text) else child.children
                result += [line for line in self._paragraph(stray, Node("p")) if line.text.strip()]
                continue
            marker = "- " if node.tag == "ul" else f"{count}. "
            result += _item(marker, self._item_lines(child))
            count += 1
        return result

    def _item_lines(self, node: Node) -> list[Line]:
        if not any(isinstance(child, Node) and child.is_block for child in node.children):
            return _line(self.inline.item(node.children), self.inline.number(node))
        lines = trimmed(self.flow(node))
        return [line for line in lines if line.text.strip() or line.code] if _is_tight(node) else lines

    def _details(self, node: Node, number: int) -> list[Line]:
        summary = next(iter(node.find("summary")), None)
        title = self.inline.line(summary.children).replace(BREAK, " ") if summary else ""
        rest = Node("details", children=[child for child in node.children if child is not summary])
        sign = "+" if "open" in node.attributes else "-"
        return quoted([Line(f"[!NOTE]{sign} {title}".rstrip(), number), *trimmed(self.flow(rest))])

    def _pre(self, node: Node, number: int) -> list[Line]:
        text = html.unescape("".join(_raw(node))).strip("\n")
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        rows = [fence, *self.inline.kept.put_back(text).split("\n"), fence]
        return [Line(row, number + max(0, offset - 1), code=True) for offset, row in enumerate(rows)]

    def _table(self, node: Node) -> list[Line]:
        rows = list(node.find("tr"))
        cells = [[self._cell(cell) for cell in row.find("td", "th")] for row in rows]
        width = max((len(row) for row in cells), default=0)
        if not width:
            return self.flow(Node("div", children=list(node.children)))
        lines = [Line(f"*{self._cell(caption)}*", self.inline.number(caption)) for caption in node.find("caption")]
        lines += [Line("", line.number) for line in lines]
        headed = any(True for _cell in rows[0].find("th"))
        if not headed:
            lines += [_row([""] * width, self.inline.number(node)), _row(["---"] * width, self.inline.number(node))]
        for row, values in zip(rows, cells, strict=True):
            lines.append(_row(values + [""] * (width - len(values)), self.inline.number(row)))
            if headed and row is rows[0]:
                lines.append(_row(["---"] * width, self.inline.number(row)))
        return lines

    def _cell(self, node: Node) -> str:
        lines = [line.text.strip() for line in self.flow(Node("td", children=node.children, row=node.row))]
        text = BREAK.join(line for line in lines if line)
        return text.replace(BREAK, "<br>").replace("|", "\\|")


def _row(cells: list[str], number: int) -> Line:
    return Line(f"| {' | '.join(cells)} |", number)


def _line(text: str, number: int) -> list[Line]:
    """*text* as a line, with ``<br>`` where it breaks: the one tag that Plein's Markdown knows."""
    return [Line(text.replace(BREAK, "<br>"), number)]


def _item(marker: str, lines: list[Line]) -> list[Line]:
    if not lines:
        return []
    margin = " " * len(marker)
    rest = [line._replace(text=margin + line.text if line.text.strip() or line.code else "") for line in lines[1:]]
    return [lines[0]._replace(text=marker + lines[0].text), *rest]


def _is_tight(node: Node) -> bool:
    blocks = [child.tag for child in node.children if isinstance(child, Node) and child.is_block]
    return all(tag in ("ul", "ol") for tag in blocks)


def _uncarded(lines: list[Line]) -> list[Line]:
    """Cards are a list with a heading and a ruler in each item: as headings with text they read better."""
    if not any(re.match(r"[-*] +#", line.text) for line in lines):
        return lines
    result = []
    for line in lines:
        card = re.match(r"[-*] +(?=#)", line.text)
        if card and not line.code:
            result += [Line("", line.number), line._replace(text=line.text[card.end() :])]
        elif line.code or not re.fullmatch(r" *-{3,} *", line.text):
            result.append(dedent(line, 4))
    return result


def _raw(node: Node) -> list[str]:
    found: list[str] = []
    for child in node.children:
        found += [child.text] if isinstance(child, Text) else ["\n"] if child.tag == "br" else _raw(child)
    return found
