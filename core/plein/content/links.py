"""From Markdown to what is kept of it: HTML, plain text, outline, and a row for every link to another item."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plein.content.fields import words_of
from plein.content.files.references import references
from plein.content.models import Content, ContentLink
from plein.contributions import ContentType
from plein.web.markup import FileRef, LinkContext, MarkupLimits, Rendered, WikiLink, render


def link_key(space: str, slug: str, type_name: str = "") -> str:
    """What marks a link in kept HTML, for ``mark_wanted``.

    :param type_name: where it leads to another type than that of the item in which it stands.
    """
    return WikiLink(space=space, slug=slug, title="", type=type_name).key


def type_words(types: Mapping[str, ContentType]) -> dict[str, tuple[str, str]]:
    """What ``[[type:Title]]`` and ``{{type:slug}}`` may say for each type: its name, or its part of an address."""
    return {word: (one.name, one.path) for one in types.values() for word in (one.path, one.name)}


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

    words = type_words(types or {content_type.name: content_type})
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
    _store_links(db, item, rendered.links)
    return rendered


def _store_links(db: Session, item: Content, links: list[WikiLink]) -> None:
    """Write the rows that changed: most saves change no link."""
    wanted: dict[tuple[str, str, str], Any] = {(link.space, link.type or item.type, link.slug): link for link in links}
    rows = db.execute(
        select(ContentLink.id, ContentLink.target_space, ContentLink.target_type, ContentLink.target_slug).where(
            ContentLink.content_id == item.id
        )
    ).all()
    gone = [row.id for row in rows if tuple(row[1:]) not in wanted]
    if gone:
        db.execute(delete(ContentLink).where(ContentLink.id.in_(gone)))
    there = {tuple(row[1:]) for row in rows}
    db.add_all(
        ContentLink(
            content_id=item.id,
            target_space=space,
            target_type=type_name,
            target_slug=slug,
            target_title=link.title,
        )
        for (space, type_name, slug), link in wanted.items()
        if (space, type_name, slug) not in there
    )
    db.flush()
