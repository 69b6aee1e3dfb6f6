"""The second look at a whole parsed text: headings with anchors and outline, tables, tasks, and the plain text."""

from typing import Any

from markdown_it.token import Token

from plein.web.markup_inline import Inlines, plain
from plein.web.markup_links import heading_id
from plein.web.markup_types import ID_PREFIX

#: Level of the highest heading in a text; the title of the page is level 1.
_TOP = 2
_LOWEST = 6
_MAX_LABEL = 120


class Page:
    """Walks the tokens of a text once, changes them in place, and collects outline and text."""

    def __init__(self, tokens: list[Token], inlines: Inlines) -> None:
        self.tokens, self.inlines = tokens, inlines
        self.outline: list[list[int | str]] = []
        self.lines: list[str] = []
        self._levels: list[int] = []
        self._ids: dict[str, int] = {}
        self._tables = 0
        self._row: list[str] | None = None

    def walk(self) -> None:
        """Do it; see the class."""
        handlers: dict[str, Any] = {
            "inline": self._inline,
            "fence": self._code,
            "code_block": self._code,
            "heading_open": self._heading,
            "table_open": self._table,
            "tr_open": self._row_open,
            "tr_close": self._row_close,
            "th_open": self._header_cell,
            "list_item_open": self._item,
            "footnote_block_open": self._footnotes,
            "footnote_anchor": self._back,
            "footnote_open": self._footnote,
            "embed": self._embed,
        }
        for index, token in enumerate(self.tokens):
            handler = handlers.get(token.type)
            if handler is not None:
                handler(index, token)

    @property
    def text(self) -> str:
        """A line per block, row or heading."""
        return "\n".join(line for line in self.lines if line)

    def _inline(self, index: int, token: Token) -> None:
        label = token.meta.get("label")
        if label:
            # The title of an alert that was given none: on the page, not in what search finds.
            token.children = [Token("text", "", 0, content=self.inlines.context.label(label))]
            return
        token.children = self.inlines.resolve(token.children or [])
        text = " ".join(plain(token.children).split())
        if self._row is None:
            self.lines.append(text)
        elif text:
            self._row.append(text)

    def _code(self, index: int, token: Token) -> None:
        self.lines.append(token.content.strip("\n"))

    def _heading(self, index: int, token: Token) -> None:
        text = " ".join(plain(self.tokens[index + 1].children or []).split())
        close = self.tokens[index + 2]
        if not text and not any(child.type == "image" for child in self.tokens[index + 1].children or []):
            # A heading without text would be an empty stop for whoever walks along the headings.
            token.tag = close.tag = "p"
            return
        level = self._level(int(token.tag[1]))
        token.tag = close.tag = f"h{level}"
        name = self._unique(heading_id(text))
        token.attrs = {"id": name}
        if token.level == 0:
            self.outline.append([level, name, text])

    def _level(self, written: int) -> int:
        """Levels as outlines need them: the highest is 2, and each step down is one, whatever was written."""
        while self._levels and self._levels[-1] >= written:
            self._levels.pop()
        self._levels.append(written)
        return min(_TOP - 1 + len(self._levels), _LOWEST)

    def _unique(self, name: str) -> str:
        if name == ID_PREFIX:
            name = ID_PREFIX + "section"
        number = self._ids.get(name, 0) + 1
        self._ids[name] = number
        if number == 1:
            return name
        return self._unique(f"{name}-{number}")

    def _table(self, index: int, token: Token) -> None:
        self._tables += 1
        token.meta["label"] = f"{self.inlines.context.label('table')} {self._tables}"

    def _row_open(self, index: int, token: Token) -> None:
        self._row = []

    def _row_close(self, index: int, token: Token) -> None:
        self.lines.append(" · ".join(self._row or []))
        self._row = None

    def _header_cell(self, index: int, token: Token) -> None:
        if not self.tokens[index + 1].content:
            # An empty header cell heads nothing.
            token.tag = self.tokens[index + 2].tag = "td"

    def _item(self, index: int, token: Token) -> None:
        if "checked" not in token.meta:
            return
        following = self.tokens[index + 2] if index + 2 < len(self.tokens) else None
        text = plain(following.children or []) if following and following.type == "inline" else ""
        token.meta["label"] = " ".join(text.split())[:_MAX_LABEL] or self.inlines.context.label("task")

    def _footnotes(self, index: int, token: Token) -> None:
        token.meta = {"label": self.inlines.context.label("footnotes")}

    def _footnote(self, index: int, token: Token) -> None:
        self.inlines.work.count("footnotes")

    def _embed(self, index: int, token: Token) -> None:
        embed = self.inlines.embed(**token.meta)
        token.meta = {"key": embed.key}

    def _back(self, index: int, token: Token) -> None:
        token.meta["label_text"] = self.inlines.context.label("back")
