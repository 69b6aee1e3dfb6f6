"""Blocks of the MkDocs dialect as Plein's Markdown: admonitions, folded blocks, tabs, ``///`` blocks, raw HTML blocks.

A block is turned into a quote of the kind that Plein shows as an alert. Blocks hold blocks, so this works inward.
"""

import re
from collections.abc import Sequence

from plein.transfer.alerts import alert_head, quoted, trimmed
from plein.transfer.html_blocks import html_block, starts_html
from plein.transfer.lines import Kept, Line, dedent, indent_of
from plein.transfer.notes import Notes

#: Blocks deeper than this stay as they are: nobody reads them, and somebody may have meant harm.
MAX_DEPTH = 30

_ADMONITION = re.compile(r'^( *)(!!!|\?\?\?\+?) ?([A-Za-z][\w-]*(?: +[\w-]+)*)?(?: +"(.*)"| +\'(.*)\')? *$')
_TAB = re.compile(r'^( *)===[!+]? +["\'](.+)["\'] *$')
_SLASHES = re.compile(r"^( *)(/{3,}) *([\w-]+)(?: *\| *(.*?))? *$")
_SLASHES_END = re.compile(r"^ *(/{3,}) *$")
_ABBREVIATION = re.compile(r"^ {0,3}\*\[([^\]]+)\]:[ \t]*(.*)$")
_PLACES = ("inline", "end")


def convert_blocks(lines: Sequence[Line], notes: Notes, kept: Kept, depth: int = 0) -> list[Line]:
    """*lines* with every block of the dialect as Plein writes it. Lines of code pass untouched."""
    if depth > MAX_DEPTH:
        return list(lines)
    result: list[Line] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        used, block = (1, [line]) if line.code else _block_at(lines, position, notes, kept, depth, result)
        result += block
        position += used
    return result


def _block_at(
    lines: Sequence[Line], position: int, notes: Notes, kept: Kept, depth: int, before: list[Line]
) -> tuple[int, list[Line]]:
    """How many lines the block at *position* takes, and what it becomes."""
    line = lines[position]
    text = line.text
    if match := _ADMONITION.match(text):
        found = _admonition(match, lines, position, notes, kept, depth)
        if found:
            return found[0], _apart(found[1], before)
    if match := _TAB.match(text):
        used, body = _indented(lines, position + 1, len(match[1]))
        notes.add("tab", line.number, match[2])
        label = Line(f"{match[1]}**{match[2]}**", line.number)
        inner = convert_blocks([dedent(each, 4) for each in body], notes, kept, depth + 1)
        return used + 1, _apart([label, Line("", line.number), *inner, Line("", line.number)], before)
    if match := _SLASHES.match(text):
        return _slashes(match, lines, position, notes, kept, depth, before)
    if starts_html(text):
        used, block = html_block(
            lines, position, notes, kept, lambda inner: convert_blocks(inner, notes, kept, depth + 1)
        )
        if used:
            return used, _apart(block, before)
    if match := _ABBREVIATION.match(text):
        notes.add("abbreviation", line.number, f"{match[1]}: {match[2]}")
        return 1, [line._replace(text=f"- **{match[1]}**: {match[2]}")]
    return 1, [line]


def _apart(block: list[Line], before: list[Line]) -> list[Line]:
    """*block* with a blank line before and after it, so that a paragraph beside it does not flow into it."""
    if not block:
        return block
    if before and before[-1].text.strip():
        block = [Line("", block[0].number), *block]
    return block if not block[-1].text.strip() and not block[-1].code else [*block, Line("", block[-1].number)]


def _indented(lines: Sequence[Line], start: int, columns: int) -> tuple[int, list[Line]]:
    """The lines from *start* that stand four columns deeper than *columns*, with the blank ones between them."""
    end = last = start
    while end < len(lines):
        text = lines[end].text
        if text.strip():
            if indent_of(text) < columns + 4:
                break
            last = end + 1
        end += 1
    return last - start, list(lines[start:last])


def _admonition(
    match: re.Match[str], lines: Sequence[Line], position: int, notes: Notes, kept: Kept, depth: int
) -> tuple[int, list[Line]] | None:
    margin, mark = match[1], match[2]
    words = (match[3] or "").split()
    title = match[4] if match[4] is not None else match[5]
    used, body = _indented(lines, position + 1, len(margin))
    if not words and title is None:
        return None
    if not body and not title:
        return None
    number = lines[position].number
    kind = words[0].lower() if words else "note"
    for word in words[1:]:
        if word not in _PLACES:
            notes.add("block", number, f"{kind}: the word {word!r} has no meaning here")
    inner = convert_blocks([dedent(each, len(margin) + 4) for each in body], notes, kept, depth + 1)
    head = alert_head(kind, title, folded=mark == "???", opened=mark == "???+", number=number, notes=notes)
    return used + 1, quoted([*head, *trimmed(inner)], margin)


def _slashes(
    match: re.Match[str], lines: Sequence[Line], position: int, notes: Notes, kept: Kept, depth: int, before: list[Line]
) -> tuple[int, list[Line]]:
    """A ``/// name | title`` block. Those that only lay out give what is in them."""
    start = position + 1
    end, level = start, 1
    while end < len(lines) and level:
        if not lines[end].code:
            closing = _SLASHES_END.match(lines[end].text)
            opening = _SLASHES.match(lines[end].text)
            level += -1 if closing and len(closing[1]) == len(match[2]) else 1 if opening else 0
        end += 1
    body = list(lines[start : end - 1] if not level else lines[start:end])
    number, name, title = lines[position].number, match[3].lower(), match[4] or ""
    # Options stand indented under the head, as key: value.
    while body and re.match(r"^ {4,}[\w-]+: ", body[0].text):
        notes.add("attributes", body[0].number, body.pop(0).text)
    inner = trimmed(convert_blocks(body, notes, kept, depth + 1))
    if name in ("html", "div", "define", "caption", "figure-caption"):
        notes.add("html", number, lines[position].text)
        return end - position, _apart(inner, before)
    if name == "tab":
        notes.add("tab", number, title)
        return end - position, _apart([Line(f"**{title}**", number), Line("", number), *inner], before)
    kind = (title.partition("|")[0].strip() or "note") if name == "admonition" and "|" in title else name
    head = alert_head(
        "note" if kind in ("details", "admonition") else kind, title.rpartition("|")[2].strip(),
        folded=name == "details", opened=False, number=number, notes=notes,
    )  # fmt: skip
    return end - position, _apart(quoted([*head, *inner], match[1]), before)
