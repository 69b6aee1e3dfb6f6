"""The Markdown parser, made once and shared, with a bound on the work that any text can cause.

How the bound works: markdown-it tries its rules at every place where something could begin, and again at every line
that could end a quote, list or paragraph. One rule of ours, first in each of these chains, never matches but counts.
The search for the end of a label, which reads on without trying rules, counts as well. So all that can grow faster
than the text is counted, and a text that exceeds its steps is refused with a sentence. Containers count their depth,
so Python's recursion limit is never near.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from time import thread_time
from types import SimpleNamespace
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkDestination, parseLinkTitle
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from translationstring import TranslationString

from plein.web.i18n import _
from plein.web.markup_alerts import find_alerts
from plein.web.markup_code import Colours
from plein.web.markup_html import RULES
from plein.web.markup_html import WORK as KEY
from plein.web.markup_links import clean_url, line_break, wiki_link
from plein.web.markup_names import find_embeds, mention
from plein.web.markup_types import MarkupLimits, MarkupTooDeep

# Steps of about the same time: a sign that may be mark-up is one, 10 to 15 microseconds.
_BLOCK_STEPS = 2
_CONTAINER_STEPS = 3

_TOO_MANY: dict[str, Callable[[int], TranslationString]] = {
    "links": lambda limit: _(
        "This text has more than ${limit} links. Divide it over more pages.", mapping={"limit": limit}
    ),
    "mentions": lambda limit: _(
        "This text names more than ${limit} people and groups. Name a group instead.", mapping={"limit": limit}
    ),
    "embeds": lambda limit: _(
        "This text shows more than ${limit} other items in it. Link to some of them instead.",
        mapping={"limit": limit},
    ),
    "footnotes": lambda limit: _(
        "This text has more than ${limit} footnotes. Divide it over more pages.", mapping={"limit": limit}
    ),
}


class Work:
    """Counters of one text being parsed."""

    __slots__ = ("colours", "counts", "depth", "end", "limits", "steps", "tokens")

    def __init__(self, limits: MarkupLimits) -> None:
        self.limits, self.steps = limits, limits.max_steps
        self.depth = self.tokens = 0
        self.counts: Counter[str] = Counter()
        self.colours = Colours()
        self.end = thread_time() + limits.max_seconds

    def count(self, what: Literal["links", "mentions", "embeds", "footnotes"]) -> None:
        """One more of *what*.

        :raises MarkupTooDeep: when there are more of them than the limit.
        """
        self.counts[what] += 1
        limit = getattr(self.limits, f"max_{what}")
        if self.counts[what] > limit:
            raise MarkupTooDeep(_TOO_MANY[what](limit))

    def spend(self, steps: int) -> None:
        """:raises MarkupTooDeep: when the steps of this text are used up."""
        self.steps -= steps
        # Asking for the time costs as much as a step: so now and then.
        if self.steps < 0 or (self.steps & 255 < steps and thread_time() > self.end):
            raise MarkupTooDeep(_("This text has too many signs of mark-up to show. Make it shorter or simpler."))

    def check_depth(self, depth: int) -> None:
        """:raises MarkupTooDeep: when ``depth`` exceeds the limit."""
        if depth > self.limits.max_depth:
            raise MarkupTooDeep(
                _(
                    "Quotes, lists or brackets are nested deeper than ${limit} levels in this text.",
                    mapping={"limit": self.limits.max_depth},
                )
            )


class _Block(ParserBlock):
    """Called once per container (quote, list item, …), inside the one around it."""

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:
        work: Work = state.env[KEY]
        work.depth += 1
        work.check_depth(work.depth - 1)
        work.spend(_CONTAINER_STEPS)
        super().tokenize(state, startLine, endLine)
        work.depth -= 1


class _Markdown(MarkdownIt):
    def __init__(self) -> None:
        super().__init__("default", {"html": False, "linkify": False, "typographer": False, "tasklists": True})
        self.block = _Block()
        self.helpers: Any = SimpleNamespace(
            parseLinkLabel=_label_end, parseLinkDestination=parseLinkDestination, parseLinkTitle=parseLinkTitle
        )

    def validateLink(self, url: str) -> bool:
        # Judged when rendering, where the text of a refused link can be kept.
        return True

    def normalizeLink(self, url: str) -> str:
        cleaned = clean_url(url)
        return url if cleaned is None else super().normalizeLink(cleaned)


def _count_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    work: Work = state.env[KEY]
    # A row of a table is one line but many tokens.
    made, work.tokens = len(state.tokens) - work.tokens, len(state.tokens)
    # Silent: asked whether a block begins here, to end the one above.
    work.spend((1 if silent else _BLOCK_STEPS) + made // 4)
    return False


def _count_inline(state: StateInline, silent: bool) -> bool:
    work: Work = state.env[KEY]
    # A run of these is taken apart sign by sign, and matched with the others afterwards.
    work.spend(2 if state.src[state.pos] in "*_~" else 1)
    if state.level > work.limits.max_depth:
        work.check_depth(state.level)
    return False


def _label_end(state: StateInline, start: int, disableNested: bool = False) -> int:
    """Position of the bracket that closes the one at ``start``, or -1; markdown-it's parseLinkLabel, counted."""
    work: Work = state.env[KEY]
    before, source, end = state.pos, state.src, state.posMax
    state.pos = start + 1
    level, found, tries = 1, -1, 0
    while state.pos < end:
        at = state.pos
        mark = source[at]
        if mark == "]":
            level -= 1
            if level == 0:
                found = at
                break
        state.md.inline.skipToken(state)
        tries += 1
        if mark == "[":
            if state.pos == at + 1:
                level += 1
            elif disableNested:
                break
    state.pos = before
    work.spend(tries // 8)
    return found


def _make() -> MarkdownIt:
    markdown = _Markdown()
    markdown.use(deflist_plugin).use(footnote_plugin, inline=False)
    markdown.disable(["html_block", "html_inline", "linkify", "replacements", "smartquotes"])
    containers = ["paragraph", "reference", "blockquote", "list"]
    markdown.block.ruler.before("table", "plein_count", _count_block, {"alt": containers})
    markdown.inline.ruler.after("text", "plein_count", _count_inline)
    markdown.inline.ruler.before("link", "plein_wiki_link", wiki_link)
    markdown.inline.ruler.before("autolink", "plein_line_break", line_break)
    markdown.inline.ruler.before("autolink", "plein_mention", mention)
    markdown.core.ruler.after("block", "plein_alerts", find_alerts)
    markdown.core.ruler.after("plein_alerts", "plein_embeds", find_embeds)
    for name, rule in RULES.items():
        markdown.add_render_rule(name, rule)
    return markdown


_MARKDOWN = _make()


def parse(source: str, limits: MarkupLimits) -> tuple[list[Token], dict[str, Any], Work]:
    """Tokens of ``source``, with the environment to render them in.

    :raises MarkupTooDeep: beyond the limits.
    """
    work = Work(limits)
    env: dict[str, Any] = {KEY: work}
    return _MARKDOWN.parse(source, env), env, work


def write(tokens: Sequence[Token], env: dict[str, Any]) -> str:
    """HTML of ``tokens``, to be sanitised."""
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env))
