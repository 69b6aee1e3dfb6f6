"""Finding links in Markdown: brackets inside brackets, in one pass whose work grows with the text and no faster."""

import re
from collections.abc import Callable
from typing import Protocol

#: Brackets deeper than this are text.
MAX_DEPTH = 32
MAX_TARGET = 4000

_SPECIAL = re.compile(r"\\[\s\S]|!?\[\[[^\[\]\n]{1,300}\]\](?!\()|!?\[|\]")
_TITLE = re.compile(r"^([\s\S]*?)(?:\s+(\"[^\"]*\"|'[^']*'))?\s*$")


class Rewriter(Protocol):
    """What the parser asks what a link becomes."""

    def link(
        self, text: str, target: str, title: str, number: int, *, picture: bool, in_table: bool, following: str
    ) -> str: ...

    def reference(self, label: str) -> str | None: ...

    def wiki(self, written: str, number: int, in_table: bool) -> str: ...


class Parser:
    """Finds links in a paragraph: brackets inside brackets, from the inside outward, in one pass."""

    def __init__(self, text: str, number: Callable[[int], int]) -> None:
        self.text, self.number = text, number

    def run(self, linker: Rewriter, in_table: bool) -> str:
        text = self.text
        #: what was read since each bracket that is open, and that bracket
        open_brackets: list[tuple[list[str], str, int]] = [([], "", 0)]
        position = 0
        while match := _SPECIAL.search(text, position):
            found, parts = match[0], open_brackets[-1][0]
            parts.append(text[position : match.start()])
            position = match.end()
            if found.startswith("\\"):
                parts.append(found)
            elif found.endswith("]]"):
                parts.append(linker.wiki(found, self.number(match.start()), in_table))
            elif found.endswith("["):
                if len(open_brackets) > MAX_DEPTH:
                    parts.append(found)
                    continue
                open_brackets.append(([], found, match.start()))
            elif len(open_brackets) == 1:
                parts.append("]")
            else:
                inner_parts, bracket, start = open_brackets.pop()
                piece, position = self._close(linker, "".join(inner_parts), bracket, start, position, in_table)
                open_brackets[-1][0].append(piece)
        unclosed = [bracket + "".join(parts) for parts, bracket, _start in open_brackets]
        return "".join(unclosed) + text[position:]

    def _close(
        self, linker: Rewriter, inner: str, bracket: str, start: int, position: int, in_table: bool
    ) -> tuple[str, int]:
        """What stands for ``[inner]`` and what follows it, and where to read on."""
        picture = bracket == "!["
        if self.text.startswith("(", position):
            found = destination(self.text, position)
            if found:
                target, title, after = found
                following = self.text[after : after + 1]
                number = self.number(start)
                return linker.link(
                    inner, target, title, number, picture=picture, in_table=in_table, following=following
                ), after
        label, after = inner, position
        if self.text.startswith("[", position):
            end = self.text.find("]", position)
            if end > 0:
                label, after = self.text[position + 1 : end] or inner, end + 1
        target_of_label = linker.reference(label)
        if target_of_label is not None:
            number = self.number(start)
            following = self.text[after : after + 1]
            return linker.link(
                inner, target_of_label, "", number, picture=picture, in_table=in_table, following=following
            ), after
        return f"{bracket}{inner}]", position


def destination(text: str, position: int) -> tuple[str, str, int] | None:
    """Target, title and end of ``(target "title")`` that opens at *position*; ``None`` where it is no link."""
    depth, at = 0, position
    while at < len(text) and at - position < MAX_TARGET and depth < MAX_DEPTH:
        sign = text[at]
        if sign == "\\":
            at += 1
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                break
        at += 1
    else:
        return None
    if depth:
        return None
    match = _TITLE.match(text[position + 1 : at].strip())
    target, title = (match[1].strip(), match[2] or "") if match else ("", "")
    if target.startswith("<") and target.endswith(">"):
        target = target[1:-1]
    if re.search(r"\s", target):
        # Markdown allows no spaces here, MkDocs does; without a file's ending it is no link but text in brackets.
        if not re.search(r"\.\w{1,5}(#\S*)?$", target):
            return None
        target = re.sub(r"\s+", "%20", target)
    return target, title, at + 1
