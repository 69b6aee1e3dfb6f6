"""HTML inside a paragraph as Markdown: emphasis, links, pictures, code. What has no equivalent gives its text."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from plein.transfer.html_tree import BLOCK, RAW, Node, Text
from plein.transfer.lines import Kept
from plein.transfer.notes import Notes

#: Stands for a line break until the text is put together.
BREAK = "\ufdd2"

_AROUND = {"b": "**", "strong": "**", "mark": "**", "i": "*", "em": "*", "cite": "*", "dfn": "*", "var": "*",
           "s": "~~", "strike": "~~", "del": "~~"}  # fmt: skip
_CODE = ("code", "kbd", "samp", "tt")
_PLAYED = ("iframe", "video", "audio", "embed", "object")
_SUPERSCRIPT = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUBSCRIPT = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SPACES = re.compile(r"\s+")
_GLYPH = re.compile(r"^\s*[›»•·▪►-]\s+")


@dataclass(slots=True)
class Inline:
    """Turning the inside of paragraphs into Markdown.

    :param numbers: of the lines of the source file, by the row of the parsed text.
    """

    notes: Notes
    kept: Kept
    numbers: Sequence[int]

    def number(self, node: Node | Text) -> int:
        return self.numbers[min(node.row, len(self.numbers) - 1)] if self.numbers else 0

    def text(self, children: "Sequence[Node | Text]") -> str:
        """*children* as Markdown, line ends as they were."""
        return "".join(child.text if isinstance(child, Text) else self._node(child) for child in children)

    def line(self, children: "Sequence[Node | Text]") -> str:
        """*children* as Markdown on one line; breaks stay marked."""
        text = _SPACES.sub(" ", self.text(children)).strip()
        return re.sub(f" ?{BREAK} ?", BREAK, text).strip(BREAK + " ")

    def _node(self, node: Node) -> str:
        tag = node.tag
        if tag in ("script", "style", "noscript", "template") or tag in RAW or tag in ("svg", "canvas"):
            return self.drop(node)
        if tag == "br":
            return BREAK
        if tag == "img":
            return self.picture(node)
        if tag in _PLAYED:
            return self.played(node)
        if tag == "a":
            return self._link(node)
        if tag in ("input", "select", "progress", "meter", "source", "track", "param", "link", "meta", "base"):
            return self.drop(node)
        inner = self.text(node.children)
        if tag == "button" and not any(sign.isalnum() for sign in html.unescape(inner)):
            return self.drop(node)
        self.notes.add("html", self.number(node), node.source)
        return self._wrapped(node, inner)

    def _wrapped(self, node: Node, inner: str) -> str:
        tag = node.tag
        if tag in _AROUND:
            return _around(inner, _AROUND[tag])
        if tag in _CODE and inner.strip() and "\n" not in inner:
            return self.kept.keep(code(html.unescape(self.kept.put_back(inner))))
        if tag in ("sup", "sub"):
            table, signs = (_SUPERSCRIPT, "0123456789+-=()n") if tag == "sup" else (_SUBSCRIPT, "0123456789+-=()")
            return inner.translate(table) if inner.strip() and set(inner.strip()) <= set(signs) else inner
        if tag == "q":
            return f"“{inner}”"
        if tag in ("abbr", "acronym") and node.attributes.get("title"):
            return f"{inner} ({node.attributes['title']})"
        # A block in the middle of a paragraph: its text, kept apart.
        return f" {inner} " if tag in BLOCK else inner

    def drop(self, node: Node) -> str:
        """Nothing, and a note of what it was."""
        inside = " ".join(child.text for child in node.children if isinstance(child, Text))
        self.notes.add("script" if node.tag in ("script", "style") else "dropped", self.number(node),
                       f"{node.source} {inside}")  # fmt: skip
        # What spanned lines still does, so that the lines after it keep their numbers.
        return "\n" * inside.count("\n")

    def _link(self, node: Node) -> str:
        target = node.attributes.get("href", "").strip()
        inner = self.text(node.children)
        if not target or re.match(r"(?i)\s*(javascript|data|vbscript):", target) or _only_script(node, target):
            self.notes.add("dropped", self.number(node), f"link without a target of its own: {node.source}")
            return inner
        self.notes.add("html", self.number(node), node.source)
        if not inner.strip():
            return ""
        return f"[{inner.strip()}]({destination(target)})"

    def picture(self, node: Node) -> str:
        target = node.attributes.get("src", "").strip()
        alt = _SPACES.sub(" ", node.attributes.get("alt", "")).replace("[", "(").replace("]", ")").strip()
        if not target or target.lower().startswith("data:"):
            self.notes.add("dropped", self.number(node), f"picture without a file: {node.source}")
            return alt
        self.notes.add("html", self.number(node), node.source)
        return f"![{alt}]({destination(target)})"

    def played(self, node: Node) -> str:
        """A frame, film or sound: a link to what it would have shown."""
        sources = [node, *node.find("source", "embed", "param", "track")]
        named = [each.attributes.get(key, "") for each in sources for key in ("src", "data")]
        target = next(filter(None, named), "")
        if not target or target.lower().startswith(("javascript:", "data:")):
            return self.drop(node)
        self.notes.add("embedded", self.number(node), f"{node.tag}: {target}")
        title = node.attributes.get("title", "").replace("[", "(").replace("]", ")").strip()
        return f"[{title or target}]({destination(target)})"

    def item(self, children: "Sequence[Node | Text]") -> str:
        """The text of a list item, without a bullet that was typed by hand."""
        return _GLYPH.sub("", self.line(children))


def destination(target: str) -> str:
    """*target* as it may stand between the brackets of a Markdown link."""
    target = _SPACES.sub("%20", target.strip())
    return target.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")


def _only_script(node: Node, target: str) -> bool:
    return target == "#" and any(key.startswith("on") for key in node.attributes)


def _around(inner: str, mark: str) -> str:
    """*inner* between *mark*s, spaces outside; each line on its own, as emphasis ends with its block."""
    stripped = inner.strip(" \t\n" + BREAK)
    if not stripped:
        return inner
    start = inner.index(stripped)
    return f"{inner[:start]}{mark}{stripped}{mark}{inner[start + len(stripped) :]}"


def code(text: str) -> str:
    """*text* as inline code, whatever backticks it holds."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    if not longest:
        return f"`{text}`"
    return f"{'`' * (longest + 1)} {text} {'`' * (longest + 1)}"
