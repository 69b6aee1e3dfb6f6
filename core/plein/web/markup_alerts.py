"""Alerts: a quote whose first line is ``[!NOTE]`` (or TIP, IMPORTANT, WARNING, CAUTION), as on GitHub.

A title of one's own may follow on that line. A hyphen, ``[!NOTE]-``, folds the alert; a plus sign makes it foldable
but open.
"""

import re

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_FIRST_LINE = re.compile(
    r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]([-+]?)(?:[ \t]+([^\n]*))?[ \t]*(?:\n|$)", re.IGNORECASE
)


def find_alerts(state: StateCore) -> None:
    """Turn quotes that are alerts into ``alert_*`` tokens; a rule of markdown-it, between blocks and inlines."""
    tokens = state.tokens
    if not any(token.type == "blockquote_open" for token in tokens):
        return
    result: list[Token] = []
    closing: list[Token | None] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token.type == "blockquote_open":
            match = _FIRST_LINE.match(tokens[index + 1].content) if _opens_with_text(tokens, index) else None
            closing.append(_close_of(token, match) if match else None)
            if match:
                result += _head(token, match)
                index += _drop_first_line(tokens, index, match)
                continue
        elif token.type == "blockquote_close":
            token = closing.pop() or token
        result.append(token)
    state.tokens = result


def _opens_with_text(tokens: list[Token], index: int) -> bool:
    return tokens[index].type == "paragraph_open" and tokens[index + 1].type == "inline"


def _close_of(quote: Token, match: re.Match[str]) -> Token:
    return Token("alert_close", "details" if match[2] else "div", -1, level=quote.level, block=True)


def _head(quote: Token, match: re.Match[str]) -> list[Token]:
    kind, fold, title = match[1].lower(), match[2], (match[3] or "").strip()
    tag, title_tag = ("details", "summary") if fold else ("div", "p")
    attrs: dict[str, str | int | float] = {"class": f"alert {kind}"}
    if fold == "+":
        attrs["open"] = ""
    level = quote.level
    name = Token("inline", "", 0, content=title, children=[], level=level + 2, block=True)
    if not title:
        name.meta = {"label": kind}
    return [
        Token("alert_open", tag, 1, attrs=attrs, level=level, block=True),
        Token("alert_title_open", title_tag, 1, attrs={"class": "alert-title"}, level=level + 1, block=True),
        name,
        Token("alert_title_close", title_tag, -1, level=level + 1, block=True),
    ]


def _drop_first_line(tokens: list[Token], index: int, match: re.Match[str]) -> int:
    """Take the line with the marker out of the paragraph at ``index``; how many tokens to skip."""
    rest = tokens[index + 1].content[match.end() :]
    tokens[index + 1].content = rest
    return 0 if rest.strip() else 3
