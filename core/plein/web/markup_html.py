"""HTML of the parts that Plein writes differently from markdown-it: accessible tables, code, tasks, footnotes, files.

Everything here is sanitised afterwards; escaping is done here all the same.
"""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from markdown_it.token import Token

from plein.web.markup_types import ID_PREFIX

#: Names of footnotes have an underscore, which ids of headings never have.
_NOTE, _NOTE_REF = f"{ID_PREFIX}fn_", f"{ID_PREFIX}fnref_"

#: Links back from one footnote; the other places are still linked to it.
MAX_BACK_LINKS = 20

#: Where the counters of a text live in markdown-it's ``env``.
WORK = "plein"

_LANGUAGE_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789+#-_")

Rule = Callable[[Any, Sequence[Token], int, Any, Any], str]


def element(name: str, attrs: dict[str, str | int | None], content: str | None = None) -> str:
    """An element with escaped attributes (None leaves one out); ``content`` is HTML, None means no end tag."""
    start = "".join(f' {key}="{escape(str(value))}"' for key, value in attrs.items() if value is not None)
    return f"<{name}{start}>" if content is None else f"<{name}{start}>{content}</{name}>"


def _table_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    region = {"class": "table-scroll", "tabindex": "0", "role": "region", "aria-label": tokens[index].meta["label"]}
    return element("div", region) + "<table>\n"


def _table_close(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "</table></div>\n"


def _cell_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    # The style attribute that markdown-it gives is against the content security policy.
    align = str(token.attrs.get("style", "")).rpartition(":")[2]
    if not align:
        # Nearly all of them, and a large table has hundreds.
        return '<th scope="col">' if token.tag == "th" else f"<{token.tag}>"
    return element(
        token.tag,
        {"class": f"align-{align}", "scope": "col" if token.tag == "th" else None},
    )


def _fence(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    words = token.info.split(maxsplit=1)
    language = "".join(sign for sign in words[0].lower() if sign in _LANGUAGE_SIGNS)[:30] if words else ""
    html = env[WORK].colours.html(token.content, language) if language else escape(token.content)
    code = element("code", {"class": f"language-{language}" if language else None}, html)
    return element("pre", {"tabindex": "0"}, code) + "\n"


def _list_item_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    if "checked" not in token.meta:
        return "<li>"
    checked = " checked" if token.meta["checked"] else ""
    name = escape(token.meta.get("label", ""))
    return f'<li class="task-list-item"><input type="checkbox" disabled{checked} aria-label="{name}"> '


def _image(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return element("img", dict(tokens[index].meta["attrs"]))


def _wiki_link(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    attrs = {"class": "wikilink", "href": token.meta["href"], "data-link": token.meta["key"]}
    return element("a", attrs, escape(token.content))


def _mention(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return element("span", {"class": "mention"}, escape(tokens[index].content))


def _embed(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return element("div", {"class": "embed", "data-embed": tokens[index].meta["key"]}, "") + "\n"


def _footnote_ref(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    number, place = token.meta["id"] + 1, _place(token)
    link = element("a", {"href": f"#{_NOTE}{number}", "id": _NOTE_REF + place}, str(number))
    return element("sup", {"class": "footnote-ref"}, link)


def _place(token: Token) -> str:
    number, repeat = token.meta["id"] + 1, token.meta.get("subId", 0)
    return f"{number}_{repeat + 1}" if repeat else str(number)


def _footnote_block_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return element("section", {"class": "footnotes", "aria-label": tokens[index].meta["label"]}) + "\n<ol>\n"


def _footnote_block_close(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "</ol>\n</section>\n"


def _footnote_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return element("li", {"id": f"{_NOTE}{tokens[index].meta['id'] + 1}"})


def _footnote_close(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "</li>\n"


def _footnote_anchor(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    if token.meta.get("subId", 0) >= MAX_BACK_LINKS:
        return ""
    place = _place(token)
    name = f"{token.meta['label_text']} {place.replace('_', '.')}"
    attrs = {"href": f"#{_NOTE_REF}{place}", "class": "footnote-back", "aria-label": name}
    # Followed by the sign that asks for text instead of an emoji.
    return " " + element("a", dict(attrs), "\u21a9\ufe0e")


#: By type of token; given to markdown-it.
RULES: dict[str, Rule] = {
    "table_open": _table_open,
    "table_close": _table_close,
    "th_open": _cell_open,
    "td_open": _cell_open,
    "fence": _fence,
    "code_block": _fence,
    "list_item_open": _list_item_open,
    "image": _image,
    "wiki_link": _wiki_link,
    "mention": _mention,
    "embed": _embed,
    "footnote_ref": _footnote_ref,
    "footnote_block_open": _footnote_block_open,
    "footnote_block_close": _footnote_block_close,
    "footnote_open": _footnote_open,
    "footnote_close": _footnote_close,
    "footnote_anchor": _footnote_anchor,
}
