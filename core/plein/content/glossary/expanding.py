"""Abbreviations explained where somebody reads them: ``<abbr title="…">``, once in each section of a text.

The glossary changes without the texts that use it, so it is put in when a text is read. Each process keeps the words,
with the number of the change that they belong to; that number comes with the viewer of each request (ADR 0023).
"""

import re
from functools import lru_cache
from html import escape
from threading import Lock
from typing import Any

from pyramid.request import Request
from sqlalchemy import Engine, select

from plein.content.glossary.models import GlossaryTerm
from plein.security.rights import current_stamp

_PIECE = re.compile(r'<(/?)([a-z][a-z0-9]*)(?:[^<>"]|"[^"]*")*>|[^<]+')
_WORD = re.compile(r"\w+(?:[-./&]\w+)*")
_PART = re.compile(r"\w+")
#: What is a name, a control or to be copied is not explained.
_CLOSED = frozenset({"a", "abbr", "button", "code", "h2", "h3", "h4", "h5", "h6", "pre", "summary"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
#: How many texts each process keeps with their explanations, and of at most how many signs: 6 MB if all are so long.
_KEPT, _LONGEST_KEPT = 64, 50_000


class Glossary:
    """The words as this process knows them: how each may be written, with its explanation."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._kept: tuple[int, dict[str, str]] = (0, {})
        self._explained = lru_cache(maxsize=_KEPT)(lambda number, html: explain(html, self.words(number)))

    def explained(self, html: str, number: int) -> str:
        """*html* with the words as they were at *number*, or later. Of texts that are read again it is kept: what comes
        out depends on nothing else."""
        words = self.words(number)
        if not words:
            return html
        return self._explained(number, html) if len(html) <= _LONGEST_KEPT else explain(html, words)

    def words(self, number: int) -> dict[str, str]:
        """The words as they were at *number*, or later; read where this process does not know them yet.

        Number 0 means that nothing was ever changed.
        """
        if self._kept[0] < number:
            with self._lock:
                if self._kept[0] < number:
                    with self._engine.connect() as connection:
                        # The number first: what changes in between is then read again.
                        read = connection.execute(current_stamp()).scalar() or 0
                        self._kept = (read, _words(connection))
        return self._kept[1]


def _words(db: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    rows = db.execute(
        select(GlossaryTerm.term, GlossaryTerm.explanation, GlossaryTerm.synonyms).order_by(GlossaryTerm.id.desc())
    )
    for term, explanation, synonyms in rows:
        for word in (*synonyms, term):
            # Of several words the reader sees what they mean; and those are not looked for.
            if _WORD.fullmatch(word):
                found[word] = explanation
    return found


def expand(request: Request, html: str) -> str:
    """*html* in which words of the glossary are explained, for the viewer of *request*."""
    explained: str = request.registry["plein.glossary"].explained(html, request.viewer.rights)
    return explained


def explain(html: str, words: dict[str, str]) -> str:
    """*html* in which each of *words* has its explanation where it stands first in a section."""
    seen: set[str] = set()
    closed = 0

    def mark(match: re.Match[str]) -> str:
        word = match[0]
        explanation = words.get(word)
        if explanation is None:
            # "AVG-verzoek": the word inside the compound.
            return _PART.sub(mark, word) if _PART.fullmatch(word) is None else word
        if explanation in seen:
            return word
        seen.add(explanation)
        return f'<abbr title="{escape(explanation)}">{word}</abbr>'

    def piece(match: re.Match[str]) -> str:
        nonlocal closed
        name = match[2]
        if name is None:
            return match[0] if closed else _ENTITY_OR_WORD.sub(_keep_entity(mark), match[0])
        if name in _CLOSED:
            closed += -1 if match[1] else 1
            if name in _HEADINGS and not match[1]:
                seen.clear()
        return match[0]

    return _PIECE.sub(piece, html)


_ENTITY_OR_WORD = re.compile(rf"&#?\w+;|{_WORD.pattern}")


def _keep_entity(mark: Any) -> Any:
    return lambda match: match[0] if match[0].startswith("&") else mark(match)
