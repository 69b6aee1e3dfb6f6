"""What a text names: people and groups as ``@login`` and ``@group:slug``, and items to show in their place as
``{{type:slug}}`` or ``{{space/type:slug}}`` on a line of its own.

Whether they exist, and what this reader sees of them, is found out when a page is shown: the HTML only marks the place.
"""

import re

from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

#: As ``people.services.LOGIN`` and ``content.personal.replace_mentions`` read it.
_MENTION = re.compile(
    r"@(?:group:([a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?)|([a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?))(?![\w@-]|\.\w)",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"[\w@./-]")
_EMBED = re.compile(r"\{\{(?:([a-z0-9][a-z0-9-]{0,79})/)?([a-z][a-z0-9.-]{0,79}):([^{}\n]{1,300})\}\}")


def mention(state: StateInline, silent: bool) -> bool:
    """``@login`` or ``@group:slug``; a rule of markdown-it."""
    at = state.pos
    if state.src[at] != "@" or state.linkLevel or (at and _BEFORE.match(state.src, at - 1)):
        return False
    match = _MENTION.match(state.src, at, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.content = match[0]
        token.meta = {"who": ("group", match[1].lower()) if match[1] else ("user", match[2].lower())}
    state.pos = match.end()
    return True


def is_embed(text: str) -> bool:
    """Whether *text* asks for an item to be shown in its place."""
    return _EMBED.fullmatch(text) is not None


def find_embeds(state: StateCore) -> None:
    """Turn paragraphs of nothing but embeds into ``embed`` tokens; a rule of markdown-it, before inlines."""
    result: list[Token] = []
    tokens, index = state.tokens, 0
    while index < len(tokens):
        token = tokens[index]
        found = _embeds(tokens[index + 1].content) if token.type == "paragraph_open" else []
        if found:
            result += found
            index += 3
        else:
            result.append(token)
            index += 1
    state.tokens = result


def _embeds(text: str) -> list[Token]:
    """An ``embed`` token for each line of *text*; none where it holds anything else."""
    if not text.startswith("{{"):
        return []
    tokens = []
    for line in text.split("\n"):
        match = _EMBED.fullmatch(line.strip())
        if match is None or not match[3].strip():
            return []
        tokens.append(Token("embed", "", 0, block=True, meta={"space": match[1], "type": match[2], "title": match[3]}))
    return tokens
