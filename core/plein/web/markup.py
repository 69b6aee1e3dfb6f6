"""Markdown to safe HTML: the only place where what people write becomes HTML.

CommonMark with tables, strikethrough, task lists, footnotes, definition lists, alerts and ``[[wiki links]]``. HTML in
the source is shown as text; the result is sanitised besides. Size, depth and work are bounded (markup_parser).
"""

import re
from collections.abc import Collection

import nh3

from plein.web.i18n import _
from plein.web.markup_code import CLASSES
from plein.web.markup_inline import Inlines
from plein.web.markup_page import Page
from plein.web.markup_parser import parse, write
from plein.web.markup_types import (
    ID_PREFIX,
    LABELS,
    Embed,
    FileRef,
    LinkContext,
    MarkupError,
    MarkupLimits,
    MarkupTooDeep,
    MarkupTooLarge,
    Rendered,
    WikiLink,
)

__all__ = [
    "ID_PREFIX",
    "LABELS",
    "Embed",
    "FileRef",
    "LinkContext",
    "MarkupError",
    "MarkupLimits",
    "MarkupTooDeep",
    "MarkupTooLarge",
    "Rendered",
    "WikiLink",
    "mark_wanted",
    "render",
]

_DEFAULT_LIMITS = MarkupLimits()
_ALIGN = {"align-left", "align-center", "align-right"}
_ALERT = {"alert", "note", "tip", "important", "warning", "caution"}

_TAGS = {
    *("h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code", "ul", "ol", "li", "dl", "dt"),
    *("dd", "em", "strong", "s", "sup", "a", "span", "img", "div", "details", "summary", "section", "input"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}

_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=set(),
    attributes={
        "a": {"href", "title", "rel", "id", "data-link", "aria-label"},
        "code": {"class"},
        "div": {"aria-label", "data-embed"},
        "details": {"open"},
        "img": {"src", "srcset", "sizes", "alt", "title", "width", "height"},
        "input": {"disabled", "checked", "aria-label"},
        "li": {"id"},
        "ol": {"start"},
        "section": {"aria-label"},
        **{f"h{level}": {"id"} for level in range(2, 7)},
    },
    tag_attribute_values={
        "div": {"tabindex": {"0"}, "role": {"region"}},
        "img": {"loading": {"lazy"}, "decoding": {"async"}},
        "input": {"type": {"checkbox"}},
        "pre": {"tabindex": {"0"}},
        "th": {"scope": {"col"}},
    },
    allowed_classes={
        "a": {"wikilink", "external", "file", "picture-link", "footnote-back"},
        "div": {"table-scroll", "embed", *_ALERT},
        "details": _ALERT,
        "li": {"task-list-item"},
        "p": {"alert-title"},
        "section": {"footnotes"},
        "span": {"broken-link", "missing-file", "mention", *CLASSES},
        "summary": {"alert-title"},
        "sup": {"footnote-ref"},
        "td": _ALIGN,
        "th": _ALIGN,
        "ul": {"contains-task-list"},
        "ol": {"contains-task-list"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
    id_prefix=ID_PREFIX,
)

_WIKI_LINK = re.compile(r'<a class="wikilink" href="[^"]*" data-link="([a-z0-9:.-]+)"')
_SURROGATE = re.compile("[\ud800-\udfff]")


def render(source: str, *, links: LinkContext, limits: MarkupLimits = _DEFAULT_LIMITS) -> Rendered:
    """``source``, in Markdown, as HTML that is safe to show to anybody who may read it.

    Depends on nothing but its arguments and the attachments, never on the reader, so the result can be kept.

    :raises MarkupTooLarge: the source exceeds ``limits.max_kb``.
    :raises MarkupTooDeep: it is nested too deep, or would take too much work.
    """
    limits.check(source)
    tokens, env, work = parse(_SURROGATE.sub("\ufffd", source), limits)
    inlines = Inlines(links, work)
    page = Page(tokens, inlines)
    page.walk()
    html = write(tokens, env)
    if len(html) > limits.max_html_kb * 1024:
        raise MarkupTooDeep(_("The page made of this text becomes too large. Make it shorter or simpler."))
    return Rendered(
        html=_CLEANER.clean(html),
        text=page.text,
        outline=page.outline,
        links=list(inlines.wiki.values()),
        files=list(inlines.files),
        mentions=list(inlines.mentions),
        embeds=list(inlines.embeds),
        externals=list(inlines.externals),
    )


def mark_wanted(html: str, keys: Collection[str]) -> str:
    """``html`` with the class ``wanted`` on wiki links whose :attr:`WikiLink.key` is in ``keys``.

    For each reader anew, on the kept HTML: which pages exist depends on who looks.
    """
    if not keys:
        return html

    def mark(match: re.Match[str]) -> str:
        found = match[0]
        return found.replace('class="wikilink"', 'class="wikilink wanted"', 1) if match[1] in keys else found

    return _WIKI_LINK.sub(mark, html)
