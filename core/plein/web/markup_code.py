"""Colours in code: words of a programming language get one of a few classes, which the style sheet gives a colour.

Pygments takes the code apart. Its expressions cannot be stopped halfway, so they are never given much: blocks and lines
of a bounded length, and a bound on time besides. What is beyond it is shown as it is, without colours.
"""

from collections.abc import Iterator
from functools import lru_cache
from html import escape
from time import thread_time
from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token

_NAMES = (
    *("bash", "c", "cpp", "csharp", "css", "diff", "docker", "go", "html", "ini", "java", "javascript", "json"),
    *("kotlin", "nginx", "php", "powershell", "python", "r", "ruby", "rust", "sql", "toml", "typescript", "xml"),
    "yaml",
)
#: How Pygments calls it, by what people write behind the backticks.
LANGUAGES = {name: name for name in _NAMES} | {
    "c++": "cpp", "cs": "csharp", "c#": "csharp", "conf": "ini", "dockerfile": "docker", "golang": "go",
    "js": "javascript", "jsonc": "json", "patch": "diff", "ps1": "powershell", "py": "python", "rb": "ruby",
    "rs": "rust", "sh": "bash", "shell": "bash", "ts": "typescript", "yml": "yaml",
}  # fmt: skip

#: Signs in one block, in one line, and in all blocks of a text together.
MAX_BLOCK, MAX_LINE, MAX_TEXT = 4_000, 400, 40_000
#: Seconds of work for all blocks of a text together.
MAX_SECONDS = 0.5

_CLASSES = {
    Token.Comment.Preproc: "tok-k",
    Token.Comment: "tok-c",
    Token.Keyword.Constant: "tok-n",
    Token.Keyword: "tok-k",
    Token.Operator.Word: "tok-k",
    Token.Name.Tag: "tok-k",
    Token.Name.Attribute: "tok-f",
    Token.Name.Function: "tok-f",
    Token.Name.Class: "tok-f",
    Token.Name.Decorator: "tok-f",
    Token.Name.Builtin: "tok-f",
    Token.Name.Variable: "tok-v",
    Token.Literal.String: "tok-s",
    Token.Literal.Number: "tok-n",
    Token.Generic.Inserted: "tok-s",
    Token.Generic.Deleted: "tok-d",
    Token.Generic.Heading: "tok-k",
    Token.Generic.Subheading: "tok-k",
}
CLASSES = frozenset(_CLASSES.values())


class Colours:
    """Colours the code of one text, as long as there is room and time for it."""

    __slots__ = ("room", "seconds")

    def __init__(self) -> None:
        self.room, self.seconds = MAX_TEXT, MAX_SECONDS

    def html(self, code: str, language: str) -> str:
        """*code* as escaped HTML, coloured where that can be done."""
        name = LANGUAGES.get(language)
        if name is None or len(code) > min(MAX_BLOCK, self.room) or self.seconds <= 0 or _is_long(code):
            return escape(code)
        self.room -= len(code)
        start = thread_time()
        try:
            return "".join(self._pieces(code, name, start + self.seconds))
        except TimeoutError:
            return escape(code)
        finally:
            self.seconds -= thread_time() - start

    def _pieces(self, code: str, name: str, end: float) -> Iterator[str]:
        known, text = "", ""
        for _at, kind, piece in _lexer(name).get_tokens_unprocessed(code):
            if thread_time() > end:
                raise TimeoutError
            found = _class_of(kind)
            if found != known:
                yield _piece(known, text)
                known, text = found, ""
            text += piece
        yield _piece(known, text)


def _is_long(code: str) -> bool:
    return any(len(line) > MAX_LINE for line in code.split("\n"))


def _piece(known: str, text: str) -> str:
    if not known or not text.strip():
        return escape(text)
    return f'<span class="{known}">{escape(text)}</span>'


@lru_cache(maxsize=64)
def _lexer(name: str) -> Lexer:
    return get_lexer_by_name(name)


@lru_cache(maxsize=512)
def _class_of(kind: Any) -> str:
    while kind is not Token and kind is not None:
        if kind in _CLASSES:
            return _CLASSES[kind]
        kind = kind.parent
    return ""
