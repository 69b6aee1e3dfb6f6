"""Reading content: lists, history, and what links where. Lists select columns, not entities.

Nothing here narrows by who looks: the guard does, in every statement.
"""

from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from plein.content.listing import PAGE, PUT_AWAY, Filters, Page, columns, listing
from plein.content.models import Attachment, Content, ContentLink, ContentRedirect, Revision
from plein.people.models import User
from plein.spaces.models import Space

AnyRow = Row[*tuple[Any, ...]]


def _listed() -> Select[*tuple[Any, ...]]:
    return (
        select(*columns())
        .join(Space, Space.id == Content.space_id)
        .outerjoin(User, User.id == Content.updated_by_id)
        .where(Content.state.not_in(PUT_AWAY))
    )


def history(db: Session, item: Content, *, before: int | None = None, size: int = PAGE) -> Page:
    """The revisions of *item* without their text, newest first; ``next`` is the version to go on *before*."""
    statement = (
        select(
            Revision.version,
            Revision.title,
            Revision.note,
            Revision.kind,
            Revision.created_at,
            func.length(Revision.body).label("size"),
            User.name.label("author"),
            User.login.label("author_login"),
        )
        .outerjoin(User, User.id == Revision.author_id)
        .where(Revision.content_id == item.id)
        .order_by(Revision.version.desc())
    )
    if before is not None:
        statement = statement.where(Revision.version < before)
    rows = list(db.execute(statement.limit(size + 1)).all())
    return Page(rows[:size], str(rows[size - 1].version) if len(rows) > size else None)


def files(db: Session, item: Content) -> list[AnyRow]:
    """The files of *item*, by name."""
    return list(db.execute(_files(), {"content_id": item.id}).all())


# Statements of a page that is read all the time are kept: making one takes longer than running it.
@cache
def _files() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Attachment.uid,
            Attachment.name,
            Attachment.media_type,
            Attachment.size,
            Attachment.width,
            Attachment.height,
            Attachment.alt,
            Attachment.version,
            Attachment.text_state,
            Attachment.text_reason,
            Attachment.scan_state,
            Attachment.created_at,
        )
        .where(Attachment.content_id == bindparam("content_id"))
        .order_by(Attachment.name)
    )


def wanted_in(db: Session, item: Content) -> list[AnyRow]:
    """The links in *item* that lead nowhere for this viewer."""
    return list(db.execute(_wanted_in(), {"content_id": item.id}).all())


@cache
def _wanted_in() -> Select[*tuple[Any, ...]]:
    return select(
        ContentLink.target_space, ContentLink.target_type, ContentLink.target_slug, ContentLink.target_title
    ).where(ContentLink.content_id == bindparam("content_id"), ~_target_exists())


def _target_exists() -> Any:
    """Whether a link has a target that this viewer may see, under its present address or an earlier one."""
    target, target_space = aliased(Content), aliased(Space)
    redirect, redirect_space = aliased(ContentRedirect), aliased(Space)
    return or_(
        exists(
            select(1)
            .select_from(target)
            .join(target_space, target_space.id == target.space_id)
            .where(
                target_space.slug == ContentLink.target_space,
                target.type == ContentLink.target_type,
                target.slug == ContentLink.target_slug,
                target.state != "trashed",
            )
        ),
        exists(
            select(1)
            .select_from(redirect)
            .join(redirect_space, redirect_space.id == redirect.space_id)
            .where(
                redirect_space.slug == ContentLink.target_space,
                redirect.type == ContentLink.target_type,
                redirect.slug == ContentLink.target_slug,
            )
        ),
    )


def backlinks(db: Session, item: Content, space: Space, *, size: int = 200) -> list[AnyRow]:
    """Items whose text links to *item*, under its present address or an earlier one, by title."""
    addresses = select(Space.slug, ContentRedirect.slug).join(Space, Space.id == ContentRedirect.space_id)
    earlier = db.execute(addresses.where(ContentRedirect.content_id == item.id)).all()
    known = [(space.slug, item.slug), *((row[0], row[1]) for row in earlier)]
    return list(
        db.execute(
            _listed()
            .where(
                Content.id.in_(
                    select(ContentLink.content_id).where(
                        ContentLink.target_type == item.type,
                        tuple_(ContentLink.target_space, ContentLink.target_slug).in_(known),
                    )
                ),
                Content.id != item.id,
            )
            .order_by(Content.sort_title, Content.id)
            .limit(size)
        ).all()
    )


def wanted(db: Session, space: Space, type_name: str, *, size: int = 200) -> list[AnyRow]:
    """Pages that are linked to in *space* and do not exist, most wanted first: slug, title, links."""
    links = func.count().label("links")
    return list(
        db.execute(
            select(ContentLink.target_slug, func.min(ContentLink.target_title).label("title"), links)
            .where(ContentLink.target_space == space.slug, ContentLink.target_type == type_name, ~_target_exists())
            .group_by(ContentLink.target_slug)
            .order_by(links.desc(), ContentLink.target_slug)
            .limit(size)
        ).all()
    )


def wanted_title(db: Session, space: Space, type_name: str, slug: str) -> str:
    """What a page at an address that leads nowhere would be called: by links to it, or else by the address."""
    found = db.scalar(
        select(func.min(ContentLink.target_title)).where(
            ContentLink.target_space == space.slug,
            ContentLink.target_type == type_name,
            ContentLink.target_slug == slug,
        )
    )
    return found or slug.replace("-", " ").strip().capitalize()


def orphans(db: Session, space: Space, type_name: str, *, size: int = 200) -> list[AnyRow]:
    """Items in *space* that no other item links to, by title."""
    source = aliased(ContentLink)
    linked = exists(
        select(1)
        .select_from(source)
        .where(
            source.target_space == space.slug,
            source.target_type == Content.type,
            source.target_slug == Content.slug,
            source.content_id != Content.id,
        )
    )
    return list(
        db.execute(
            _listed()
            .where(Content.space_id == space.id, Content.type == type_name, ~linked)
            .order_by(Content.sort_title, Content.id)
            .limit(size)
        ).all()
    )


def recent(db: Session, *, space: Space | None = None, size: int = 10) -> list[AnyRow]:
    """What changed last, anywhere the viewer may look or in *space*."""
    return listing(db, space=space, filters=Filters(), size=size).rows
