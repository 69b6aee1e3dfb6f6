"""Links in Markdown: which addresses may be linked to, ``[[wiki links]]``, and bare addresses in running text."""

import re
from collections.abc import Container, Iterator
from urllib.parse import unquote

from markdown_it.rules_inline import StateInline

from plein.web.markup_types import ID_PREFIX
from plein.web.slugs import kebab

FILE_SCHEME = "file:"

# What the WHATWG URL standard strips from both ends, and what it drops anywhere. A browser does this, so an address
# must be judged after it: "java\tscript:" is a script.
_ENDS = "".join(map(chr, range(0x21)))
_DROPPED = str.maketrans("", "", "\t\n\r")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_WEB = re.compile(r"https?://[^\s/\\?#]", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s<>\"\\]+$", re.IGNORECASE)

_WIKI = re.compile(r"\[\[([^\[\]\n]{1,300})\]\](?!\()")
_ELSEWHERE = re.compile(r"(?:([a-z0-9][a-z0-9-]{0,79})/)?([a-z0-9][a-z0-9.-]{0,79}):(?=\S)")
_HEADING = re.compile(r"(?<=\S)#(?=[^\s#])")

_BREAK = re.compile(r"<br\s{0,3}/?>", re.IGNORECASE)

_BARE = re.compile(r"(?<![\w/:@.-])https?://[^\s<>\"'`|\[\]{}\\^]{1,2000}", re.IGNORECASE)
_TRAILING = ".,:;!?*_~"


def clean_url(url: str) -> str | None:
    """``url`` as a browser would read it, when it may be linked to: http, https, mailto, ``/path`` or ``#part``.

    None for every other scheme, for ``//host`` and its disguises, and for addresses relative to the page.
    """
    url = url.strip(_ENDS).translate(_DROPPED)
    if url.startswith("/"):
        return None if url[1:2] in ("/", "\\") else url
    if url.startswith("#") or _WEB.match(url) or _MAIL.match(url):
        return url
    return None


def is_external(url: str) -> bool:
    """Whether a cleaned address leads to another site."""
    return url[:4].lower() == "http"


def has_scheme(url: str) -> bool:
    """Whether an address names a scheme, allowed or not."""
    return _SCHEME.match(url.strip(_ENDS).translate(_DROPPED)) is not None


def to_heading(url: str) -> str:
    """A cleaned in-site address, with its ``#part`` rewritten to the id that rendering gives a heading."""
    path, mark, part = url.partition("#")
    if not mark or not part or (path and not path.startswith("/spaces/")):
        return url
    return f"{path}#{heading_id(unquote(part))}" if kebab(unquote(part)) else url


def heading_id(text: str) -> str:
    """The id of a heading with ``text``; not yet unique."""
    name = kebab(text)
    return name if name.startswith(ID_PREFIX) else ID_PREFIX + name


def file_name(url: str) -> str | None:
    """The name in ``file:name``, or None for another address."""
    url = url.strip(_ENDS)
    return unquote(url[len(FILE_SCHEME) :]).strip() if url[: len(FILE_SCHEME)].lower() == FILE_SCHEME else None


def wiki_link(state: StateInline, silent: bool) -> bool:
    """``[[Title]]``, ``[[Title|text]]``, ``[[space:Title]]``, ``[[type:Title]]``, ``[[Title#Heading]]``; a rule of
    markdown-it. What stands before the colon is known when the link is resolved: see :func:`split_target`."""
    if not state.src.startswith("[[", state.pos):
        return False
    match = _WIKI.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    # In a table a bar must be written as \|, elsewhere it may.
    target, _bar, text = match[1].replace("\\|", "|").partition("|")
    target = target.strip()
    if not target:
        return False
    if not silent:
        token = state.push("wiki_link", "", 0)
        token.content = text.strip() or target
        token.meta = {"target": target}
    state.pos = match.end()
    return True


def split_target(target: str, types: Container[str]) -> tuple[str | None, str | None, str, str]:
    """Space, type, title and heading that the inside of a ``[[link]]`` names; ``None`` for those of the text itself.

    One word before the colon is a type where there is one of that name in *types*, and else a space.
    """
    space = word = None
    prefix = _ELSEWHERE.match(target)
    if prefix is not None:
        space, word = prefix.groups()
        if word not in types:
            # Only a space, or no prefix after all: "a/b: c" is a title like any other.
            space, word = (None if space or "." in word else word), None
        if space or word:
            target = target[prefix.end() :]
    part = _HEADING.search(target)
    heading = target[part.end() :] if part else ""
    return space, word, (target[: part.start()] if part else target).strip(), heading


def line_break(state: StateInline, silent: bool) -> bool:
    """``<br>``, the one tag that Markdown has no sign for inside a table; a rule of markdown-it."""
    if state.src[state.pos] != "<":
        return False
    match = _BREAK.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = match.end()
    return True


def bare_addresses(text: str) -> Iterator[tuple[str, str | None]]:
    """``text`` in pieces: (text, None) or (address as written, address), for http and https."""
    at = 0
    for match in _BARE.finditer(text):
        address = _trim(match[0])
        if not _WEB.match(address):
            continue
        if match.start() > at:
            yield text[at : match.start()], None
        yield address, address
        at = match.start() + len(address)
    if at < len(text):
        yield text[at:], None


def _trim(address: str) -> str:
    """Without the full stop or bracket of the sentence around it."""
    extra = address.count(")") - address.count("(")
    end = len(address)
    while end:
        if address[end - 1] == ")" and extra > 0:
            extra -= 1
        elif address[end - 1] not in _TRAILING:
            break
        end -= 1
    return address[:end]
