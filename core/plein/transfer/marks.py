"""Signs of the MkDocs dialect inside text: comments, template tags, attribute lists, icons, and HTML in a sentence.

What a reader should see stays visible; what only told another program how to show the text goes, with a note.
"""

import re
from collections.abc import Callable, Sequence

from plein.transfer.html_inline import BREAK, Inline
from plein.transfer.html_tree import TAG, parse
from plein.transfer.lines import CLOSE, OPEN, Kept, Line, paragraphs
from plein.transfer.notes import Notes
from plein.web.markup_names import is_embed

_ITEM = r"(?:[.#][\w:-]+|[\w-]+=(?:\"[^\"\n}]*\"|'[^'\n}]*'|[^\s}\"']+))"
_ATTRIBUTES = rf"\{{:?[ ]*{_ITEM}(?:[ ]+(?:{_ITEM}|[\w-]+))*[ ]*\}}"
_WORDS = r"\{:?[ ]*[\w-]+(?:[ ]+[\w-]+)*[ ]*\}"
_AFTER = re.compile(rf"(?<=[)\]*_>{CLOSE}])[ ]?{_ATTRIBUTES}")
_AT_END = re.compile(rf"[ ]*(?:\{{:[^{{}}\n]{{1,300}}\}}|{_ATTRIBUTES})[ ]*$")
_HEADING = re.compile(r"^((?:[ ]*>)*[ ]{0,3}(?:[-*+][ ]+|\d+[.)][ ]+)?#{1,6}[ ]+)(.*)$")
_HEADING_END = re.compile(rf"[ ]*({_ATTRIBUTES}|{_WORDS}|\{{:[^{{}}\n]{{1,300}}\}})[ ]*$")
_ID = re.compile(r"#([\w:-]+)")
_ICON = re.compile(rf":(?:material|octicons|fontawesome|simple)-([a-z0-9-]{{1,80}}):(?:{_ATTRIBUTES})?[ ]?")
_ARROWS = {"arrow-right": "→", "arrow-left": "←", "arrow-up": "↑", "arrow-down": "↓", "check": "✓", "close": "✗"}
_SNIPPET = re.compile(r"^[ >]*;?-{2,}8<-{2,}.*$")
_MARK = re.compile(r"(?<![=\w])==(?=[^\s=])([^=\n]{1,300}?)(?<=\S)==(?![=\w])")
_INSERT = re.compile(r"(?<!\^)\^\^(?=[^\s^])([^^\n]{1,300}?)(?<=\S)\^\^(?!\^)")
_KEYS = re.compile(r"(?<!\+)\+\+([a-z0-9]{1,12}(?:\+[a-z0-9-]{1,12}){0,4})\+\+(?!\+)")
_FENCE_OPTIONS = re.compile(r"^([ >]*(?:`{3,}|~{3,})[ ]*)\{[ ]*\.([\w+-]+)([^}]*)\}[ ]*$")

#: Comments that a program reads: ``tags``, ``tags-more``, ``list_things key/value``.
_PROGRAM = re.compile(r"^(?:tags(?:-[\w-]+)?|[a-z]+(?:_[a-z0-9]+)+)(?:[ ]+\S+)*$")


def replace_between(text: str, start: str, end: str, replace: Callable[[str, int], str], limit: int = 100_000) -> str:
    """*text* with each piece from *start* to *end*, both included, replaced by ``replace(piece, position)``."""
    parts: list[str] = []
    position = 0
    while (begin := text.find(start, position)) >= 0:
        stop = text.find(end, begin + len(start), begin + limit)
        if stop < 0:
            break
        parts += [text[position:begin], replace(text[begin : stop + len(end)], begin)]
        position = stop + len(end)
    return "".join(parts) + text[position:]


def over_text(lines: Sequence[Line], change: Callable[[str, Callable[[int], int]], str]) -> list[Line]:
    """The same lines after *change* saw each stretch without code as one text.

    :param change: is given the text and a function from a position in it to a line number; keeps the line ends.
    """
    result: list[Line] = []
    run: list[Line] = []

    def finish() -> None:
        text = "\n".join(line.text for line in run)
        changed = change(text, lambda position: run[text.count("\n", 0, position)].number).split("\n")
        result.extend(line._replace(text=part) for line, part in zip(run, changed, strict=True))
        run.clear()

    for line in lines:
        if line.code:
            if run:
                finish()
            result.append(line)
        else:
            run.append(line)
    if run:
        finish()
    return result


def keep_templates(lines: Sequence[Line], notes: Notes, kept: Kept) -> list[Line]:
    """Template tags as code, visible: nobody fills them in here."""

    def change(text: str, number: Callable[[int], int]) -> str:
        def replace(piece: str, position: int) -> str:
            if is_embed(piece):
                return kept.keep(piece)
            notes.add("template", number(position), piece)
            return "\n".join(kept.keep(f"`{part.strip()}`") if part.strip() else part for part in piece.split("\n"))

        for start, end in (("{{", "}}"), ("{%", "%}"), ("{#", "#}")):
            if start in text:
                text = replace_between(text, start, end, replace, 3000)
        return text

    result = over_text(lines, change)
    for index, line in enumerate(result):
        if not line.code and "8<" in line.text and _SNIPPET.match(line.text):
            notes.add("template", line.number, line.text)
            result[index] = line._replace(text=kept.keep(f"`{line.text.strip(' >')}`"))
    return result


def drop_comments(lines: Sequence[Line], notes: Notes, kept: Kept) -> list[Line]:
    """Without comments. Those that a program would have filled in become tokens (letter L) for later."""

    def change(text: str, number: Callable[[int], int]) -> str:
        def replace(piece: str, position: int) -> str:
            inside = piece[4:-3].strip()
            if _PROGRAM.match(inside):
                return kept.keep(f"{number(position)} {inside}", "L")
            notes.add("comment", number(position), inside)
            return "\n" * piece.count("\n")

        return replace_between(text, "<!--", "-->", replace) if "<!--" in text else text

    return over_text(lines, change)


def convert_marks(lines: Sequence[Line], notes: Notes, kept: Kept, anchors: dict[str, str]) -> list[Line]:
    """Attribute lists, icons and small signs, line by line.

    :param anchors: is given the ids that headings were given by hand, with the heading's text.
    """
    result = []
    for line in lines:
        if line.code:
            match = _FENCE_OPTIONS.match(line.text)
            if match:
                notes.add("attributes", line.number, line.text)
                line = line._replace(text=match[1] + match[2])
        elif line.text.strip():
            line = line._replace(text=_marks(line, notes, kept, anchors))
        result.append(line)
    return result


def _marks(line: Line, notes: Notes, kept: Kept, anchors: dict[str, str]) -> str:
    text, number = line.text, line.number
    if "{" in text:
        heading = _HEADING.match(text)
        end = _HEADING_END.search(heading[2]) if heading else None
        if heading and end:
            notes.add("attributes", number, end[1])
            content = heading[2][: end.start()]
            for name in _ID.findall(end[1]):
                anchors[name] = content
            text = heading[1] + content

        def drop(match: re.Match[str]) -> str:
            notes.add("attributes", number, match[0])
            return ""

        text = _AT_END.sub(drop, _AFTER.sub(drop, text))
    if ":" in text:

        def icon(match: re.Match[str]) -> str:
            notes.add("icon", number, match[0])
            sign = _ARROWS.get(match[1])
            return f"{sign} " if sign else ""

        text = _ICON.sub(icon, text)
    if "==" in text or "^^" in text or "++" in text:
        text = _small(text, number, notes, kept)
    return text


def _small(text: str, number: int, notes: Notes, kept: Kept) -> str:
    def note(match: re.Match[str], replacement: str) -> str:
        notes.add("mark", number, match[0])
        return replacement

    text = _MARK.sub(lambda match: note(match, f"**{match[1]}**"), text)
    text = _INSERT.sub(lambda match: note(match, match[1]), text)
    return _KEYS.sub(
        lambda match: note(match, kept.keep(f"`{'+'.join(key.capitalize() for key in match[1].split('+'))}`")), text
    )


def convert_inline_html(lines: Sequence[Line], notes: Notes, kept: Kept) -> list[Line]:
    """HTML inside paragraphs as Markdown; a paragraph of nothing but line breaks goes."""
    result: list[Line] = []
    for paragraph in paragraphs(lines):
        text = "\n".join(line.text for line in paragraph)
        if paragraph[0].code or "<" not in text or not TAG.search(text):
            result += paragraph
            continue
        numbers = [line.number for line in paragraph]
        changed = Inline(notes, kept, numbers).text(parse(text).children).replace(BREAK, "<br>")
        if not re.sub(r"<br>|[\s>]", "", changed) and changed.strip():
            notes.add("dropped", numbers[0], "a paragraph of nothing but line breaks")
            changed = ""
        for offset, part in enumerate(changed.split("\n")):
            result.append(Line(part, numbers[min(offset, len(numbers) - 1)]))
    return result


def program_text(token_piece: str) -> tuple[int, str]:
    """The line number and the text of a comment that :func:`drop_comments` made a token of."""
    number, _space, text = token_piece.partition(" ")
    return int(number), text


def is_token_line(text: str) -> bool:
    """Whether nothing but one token stands on a line, quote and list marks aside."""
    return bool(re.fullmatch(rf"[ >]*(?:[-*+] )?{OPEN}L[0-9]+{CLOSE}[ ]*", text))
