"""A part of a text: from one heading to the next of its rank, found as the renderer finds headings.

So a line that begins with # in a block of code is none, and two headings of the same words are told apart.
"""

import re
from dataclasses import dataclass

from plein.web.markup import LinkContext, MarkupError, MarkupLimits
from plein.web.markup_inline import Inlines
from plein.web.markup_page import Page
from plein.web.markup_parser import parse

#: A heading can also be underlined.
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*")


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a text. *start* and *end* number its lines from 0; *end* is the line behind it."""

    anchor: str
    title: str
    start: int
    end: int

    def of(self, text: str) -> str:
        """What stands in it."""
        return "\n".join(text.split("\n")[self.start : self.end])

    def inside(self, text: str) -> str:
        """What stands below its heading."""
        lines = self.of(text).strip("\n").split("\n")
        return "\n".join(lines[2 if _UNDERLINE.fullmatch("".join(lines[1:2])) else 1 :]).strip()

    def put(self, text: str, new: str) -> str:
        """*text* with *new* in its place; never run together with what follows."""
        lines = text.split("\n")
        before, after = lines[: self.start], lines[self.end :]
        written = new.split("\n")
        if after and written[-1]:
            written.append("")
        return "\n".join([*before, *written, *after])


def find_section(text: str, anchor: str, limits: MarkupLimits) -> Section | None:
    """The section of *text* whose heading has *anchor* as its id; none where there is no such heading."""
    return next((one for one in sections_of(text, limits) if one.anchor == anchor), None)


def sections_of(text: str, limits: MarkupLimits) -> list[Section]:
    """The sections of *text*, those within others too, in order."""
    try:
        tokens, _env, work = parse(text, limits)
        # Anchors do not depend on where links lead.
        page = Page(tokens, Inlines(LinkContext(), work))
        page.walk()
    except MarkupError:
        return []
    titles = {str(name): str(words) for _level, name, words in page.outline}
    heads = [
        (int(token.tag[1]), str(token.attrs.get("id")), token.map[0])
        for token in tokens
        if token.type == "heading_open" and token.level == 0 and token.map and token.attrs.get("id")
    ]
    found = []
    for place, (level, name, start) in enumerate(heads):
        end = next((line for rank, _name, line in heads[place + 1 :] if rank <= level), len(text.split("\n")))
        found.append(Section(name, titles.get(name, ""), start, end))
    return found
