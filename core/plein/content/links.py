"""From Markdown to what is kept of it: HTML, plain text, outline, and a row for every link to another item."""

from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plein.content.fields import words_of
from plein.content.models import Attachment, Content, ContentLink
from plein.contributions import ContentType
from plein.web.markup import FileRef, LinkContext, MarkupLimits, Rendered, WikiLink, render


def link_key(space: str, slug: str) -> str:
    """What marks a link in kept HTML, for ``mark_wanted``."""
    return WikiLink(space=space, slug=slug, title="").key


def render_text(db: Session, item: Content, content_type: ContentType, text: str, limits: MarkupLimits) -> Rendered:
    """*text* as it would stand in *item*: with its space for links and its files for pictures.

    :raises MarkupError: when it is larger or deeper than the limits.
    """
    known: dict[str, FileRef] | None = None

    def find(name: str) -> FileRef | None:
        # Most texts name no file, and a new item has none.
        nonlocal known
        if known is None:
            known = _files(db, item) if item.id is not None else {}
        return known.get(name) or known.get(unquote(name))

    context = LinkContext(space=item.space.slug, path=content_type.path, language=item.language, files=find)
    return render(text, links=context, limits=limits)


def render_item(db: Session, item: Content, content_type: ContentType, limits: MarkupLimits) -> None:
    """Make what is kept of the text of *item*, and its link rows."""
    rendered = render_text(db, item, content_type, item.body, limits)
    item.html, item.outline = rendered.html, rendered.outline
    item.text = "\n".join(part for part in (rendered.text, words_of(content_type, item)) if part)
    db.flush()
    _store_links(db, item, rendered.links)


def _files(db: Session, item: Content) -> dict[str, FileRef]:
    rows = db.execute(
        select(Attachment.uid, Attachment.name, Attachment.width, Attachment.height).where(
            Attachment.content_id == item.id
        )
    )
    return {
        row.name: FileRef(
            url=f"/files/{row.uid}/{quote(row.name)}",
            width=row.width,
            height=row.height,
            is_image=row.width is not None,
        )
        for row in rows
    }


def _store_links(db: Session, item: Content, links: list[WikiLink]) -> None:
    """Write the rows that changed: most saves change no link."""
    wanted: dict[tuple[str, str], Any] = {(link.space, link.slug): link for link in links}
    rows = db.execute(
        select(ContentLink.id, ContentLink.target_space, ContentLink.target_slug).where(
            ContentLink.content_id == item.id, ContentLink.target_type == item.type
        )
    ).all()
    gone = [row.id for row in rows if (row.target_space, row.target_slug) not in wanted]
    if gone:
        db.execute(delete(ContentLink).where(ContentLink.id.in_(gone)))
    there = {(row.target_space, row.target_slug) for row in rows}
    db.add_all(
        ContentLink(
            content_id=item.id,
            target_space=space,
            target_type=item.type,
            target_slug=slug,
            target_title=link.title,
        )
        for (space, slug), link in wanted.items()
        if (space, slug) not in there
    )
    db.flush()
