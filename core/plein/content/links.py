"""From Markdown to what is kept of it: HTML, plain text, outline, and a row for every link to another item."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import bindparam, delete, literal, select, union_all
from sqlalchemy.orm import Session

from plein.content.fields import words_of
from plein.content.files.references import references
from plein.content.models import Content, ContentLink, ExternalLink
from plein.contributions import ContentType
from plein.ladder import ladder_of
from plein.web.markup import FileRef, LinkContext, MarkupLimits, Rendered, WikiLink, render

#: Longer addresses are kept to this many characters: no index takes more, and nobody checks them.
_LONGEST_URL = 2_000


def link_key(space: str, slug: str, type_name: str = "") -> str:
    """What marks a link in kept HTML, for ``mark_wanted``.

    :param type_name: where it leads to another type than that of the item in which it stands.
    """
    return WikiLink(space=space, slug=slug, title="", type=type_name).key


def type_words(types: Mapping[str, ContentType]) -> dict[str, tuple[str, str]]:
    """What ``[[type:Title]]`` and ``{{type:slug}}`` may say for each type: its name, or its part of an address."""
    return {word: (one.name, one.path) for one in types.values() for word in (one.path, one.name)}


def _dormant_words(db: Session) -> dict[str, tuple[str, str]]:
    """As :func:`type_words`, for types whose plugin is not there: links and embeds to them stay what they are."""
    ladder = ladder_of(db)
    found = () if ladder is None else ladder.dormant.values()
    return {word: (one.name, one.path) for one in found for word in (one.path, one.name)}


def render_text(
    db: Session,
    item: Content,
    content_type: ContentType,
    text: str,
    limits: MarkupLimits,
    types: Mapping[str, ContentType] | None = None,
) -> Rendered:
    """*text* as it would stand in *item*: with its space for links and its files for pictures.

    :param types: all that there are, to link to and to show; by default only that of the item.
    :raises MarkupError: when it is larger or deeper than the limits.
    """
    known: dict[str, FileRef] | None = None

    def find(name: str) -> FileRef | None:
        # Most texts name no file.
        nonlocal known
        if known is None:
            known = references(db, item)
        return known.get(name) or known.get(unquote(name))

    words = {**_dormant_words(db), **type_words(types or {content_type.name: content_type})}
    context = LinkContext(item.space.slug, content_type.path, item.language, find, words)
    return render(text, links=context, limits=limits)


def render_item(
    db: Session,
    item: Content,
    content_type: ContentType,
    limits: MarkupLimits,
    types: Mapping[str, ContentType] | None = None,
) -> Rendered:
    """Make what is kept of the text of *item*, and its link rows."""
    rendered = render_text(db, item, content_type, item.body, limits, types)
    item.html, item.outline = rendered.html, rendered.outline
    item.text = "\n".join(part for part in (rendered.text, words_of(content_type, item)) if part)
    db.flush()
    _store_links(db, item, rendered)
    return rendered


def _store_links(db: Session, item: Content, rendered: Rendered) -> None:
    """Write the rows that changed: most saves change none, and then this asks once and writes nothing.

    What somebody chose as "see also" stands in no text, and stays.
    """
    wanted: dict[tuple[str, ...], str] = {
        **{("link", link.space, link.type or item.type, link.slug): link.title for link in rendered.links},
        **{("embed", embed.space, embed.type, embed.slug): embed.slug for embed in rendered.embeds},
        **{("external", url[:_LONGEST_URL], "", ""): "" for url in rendered.externals},
    }
    there = {tuple(row[1:]): row.id for row in db.execute(_stored_links(), {"content_id": item.id})}
    gone = {key: number for key, number in there.items() if key not in wanted}
    for model, is_external in ((ContentLink, False), (ExternalLink, True)):
        numbers = [number for key, number in gone.items() if (key[0] == "external") is is_external]
        if numbers:
            db.execute(delete(model).where(model.id.in_(numbers)))
    fresh = [(key, title) for key, title in wanted.items() if key not in there]
    db.add_all(_row(item.id, key, title) for key, title in fresh)
    if fresh:
        db.flush()


@cache
def _stored_links() -> Any:
    here: Any = bindparam("content_id")
    inside = select(
        ContentLink.id, ContentLink.kind, ContentLink.target_space, ContentLink.target_type, ContentLink.target_slug
    ).where(ContentLink.content_id == here, ContentLink.kind != "also")
    outside = select(ExternalLink.id, literal("external"), ExternalLink.url, literal(""), literal("")).where(
        ExternalLink.content_id == here
    )
    return union_all(inside, outside)


def _row(content_id: int, key: tuple[str, ...], title: str) -> ContentLink | ExternalLink:
    kind, first, type_name, slug = key
    if kind == "external":
        return ExternalLink(content_id=content_id, url=first, host=host_of(first))
    return ContentLink(
        content_id=content_id,
        kind=kind,
        target_space=first,
        target_type=type_name,
        target_slug=slug,
        target_title=title,
    )


def host_of(url: str) -> str:
    """The host of an address, in lower case; empty where it has none that can be read."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
