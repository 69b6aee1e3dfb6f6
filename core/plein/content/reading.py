"""Reading content: lists, history, and what links where. Lists select columns, not entities.

Nothing here narrows by who looks: the guard does, in every statement.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, exists, func, or_, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from plein.content.listing import PAGE, PUT_AWAY, Filters, Page, columns, listing
from plein.content.models import Attachment, Content, ContentLink, ContentRedirect, Revision
from plein.people.models import User
from plein.spaces.belonging import words
from plein.spaces.models import Space, SpaceRedirect

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
            Revision.minor,
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


@dataclass(frozen=True, slots=True)
class Linked:
    """Where an item leads: to what is not there for this viewer, and to what somebody chose as "see also"."""

    wanted: list[AnyRow]
    also: list[AnyRow]


def linked_from(db: Session, item: Content) -> Linked:
    """Where *item* leads, in the one statement that its page has for this."""
    rows = list(db.execute(_linked_from(), {"content_id": item.id}).all())
    return Linked([row for row in rows if row.kind == "link"], [row for row in rows if row.kind == "also"])


def wanted_in(db: Session, item: Content) -> list[AnyRow]:
    """The links in *item* that lead nowhere for this viewer."""
    return linked_from(db, item).wanted


@cache
def _linked_from() -> Select[*tuple[Any, ...]]:
    also, also_space = aliased(Content), aliased(Space)
    return (
        select(
            ContentLink.id,
            ContentLink.kind,
            ContentLink.target_space,
            ContentLink.target_type,
            ContentLink.target_slug,
            ContentLink.target_title,
            also.title,
            also.type,
            also.slug,
            also_space.slug.label("space"),
            also_space.name.label("space_name"),
        )
        .select_from(ContentLink)
        .outerjoin(also, and_(also.id == ContentLink.target_id, also.state.in_(words("published", "archived"))))
        .outerjoin(also_space, also_space.id == also.space_id)
        .where(
            ContentLink.content_id == bindparam("content_id"),
            or_(and_(ContentLink.kind == "link", ~_target_exists()), also.id.is_not(None)),
        )
        .order_by(ContentLink.position, ContentLink.id)
    )


def _target_exists() -> Any:
    """Whether a link has a target that this viewer may see, under its present address or an earlier one."""
    target, redirect = aliased(Content), aliased(ContentRedirect)
    space, earlier = aliased(Space), aliased(SpaceRedirect)
    # One value, so that what is in the space is found by its index.
    place = func.coalesce(
        select(space.id).where(space.slug == ContentLink.target_space).correlate(ContentLink).scalar_subquery(),
        select(earlier.space_id)
        .where(earlier.slug == ContentLink.target_space)
        .correlate(ContentLink)
        .scalar_subquery(),
    )
    return or_(
        exists(
            select(1)
            .select_from(target)
            .where(
                target.space_id == place,
                target.type == ContentLink.target_type,
                target.slug == ContentLink.target_slug,
                target.state != "trashed",
            )
        ),
        exists(
            select(1)
            .select_from(redirect)
            .where(
                redirect.space_id == place,
                redirect.type == ContentLink.target_type,
                redirect.slug == ContentLink.target_slug,
            )
        ),
    )


def backlinks(db: Session, item: Content, space: Space, *, size: int = 200) -> list[AnyRow]:
    """Items of any type and space that lead to *item*, under its present address or an earlier one, by title.

    A row for each way: ``kind`` is ``link``, ``embed`` or ``also``. Three statements.
    """
    places = [(space.id, item.slug)]
    earlier = select(ContentRedirect.space_id, ContentRedirect.slug).where(ContentRedirect.content_id == item.id)
    places += [(row[0], row[1]) for row in db.execute(earlier)]
    names = _names_of(db, {place for place, _slug in places})
    known = [(name, slug) for place, slug in places for name in names.get(place, ())]
    by_address = and_(
        ContentLink.target_type == item.type, tuple_(ContentLink.target_space, ContentLink.target_slug).in_(known)
    )
    found = (
        _listed()
        .add_columns(ContentLink.kind)
        .join(ContentLink, ContentLink.content_id == Content.id)
        .where(or_(by_address, ContentLink.target_id == item.id), Content.id != item.id)
        .distinct()
        .order_by(Content.sort_title, Content.id, ContentLink.kind)
    )
    return list(db.execute(found.limit(size)).all())


def _names_of(db: Session, spaces: Collection[int]) -> dict[int, list[str]]:
    """The addresses that each of *spaces* has and had. One statement."""
    now = select(Space.id, Space.slug).where(Space.id.in_(spaces))
    before = select(SpaceRedirect.space_id, SpaceRedirect.slug).where(SpaceRedirect.space_id.in_(spaces))
    found: dict[int, list[str]] = {}
    for place, name in db.execute(union_all(now, before)):
        found.setdefault(place, []).append(name)
    return found


def wanted(db: Session, space: Space, type_name: str, *, size: int = 200) -> list[AnyRow]:
    """Items that texts of any type and space want in *space* and that do not exist, most wanted first.

    Slug, title, links. Two statements.
    """
    links = func.count(ContentLink.content_id.distinct()).label("links")
    names = _names_of(db, [space.id]).get(space.id, [space.slug])
    return list(
        db.execute(
            select(ContentLink.target_slug, func.min(ContentLink.target_title).label("title"), links)
            .where(ContentLink.target_space.in_(names), ContentLink.target_type == type_name, ~_target_exists())
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
    """Items in *space* to which nothing leads, of any type and from any space, by title. Two statements."""
    names = _names_of(db, [space.id]).get(space.id, [space.slug])
    return list(
        db.execute(
            _listed()
            .where(Content.space_id == space.id, Content.type == type_name, ~_is_led_to(names))
            .order_by(Content.sort_title, Content.id)
            .limit(size)
        ).all()
    )


def _is_led_to(names: list[str]) -> Any:
    """Whether another item leads to one in a space with those *names*: by its address, an earlier one, or itself."""
    source, former, chosen = aliased(ContentLink), aliased(ContentLink), aliased(ContentLink)
    redirect, place = aliased(ContentRedirect), aliased(Space)
    by_address = exists(
        select(1)
        .select_from(source)
        .where(
            source.target_space.in_(names),
            source.target_type == Content.type,
            source.target_slug == Content.slug,
            source.content_id != Content.id,
        )
    )
    by_redirect = exists(
        select(1)
        .select_from(redirect)
        .join(place, place.id == redirect.space_id)
        .join(
            former,
            and_(
                former.target_space == place.slug,
                former.target_type == redirect.type,
                former.target_slug == redirect.slug,
            ),
        )
        .where(redirect.content_id == Content.id, former.content_id != Content.id)
    )
    by_choice = exists(select(1).select_from(chosen).where(chosen.target_id == Content.id))
    return or_(by_address, by_redirect, by_choice)


def recent(db: Session, *, space: Space | None = None, size: int = 10) -> list[AnyRow]:
    """What changed last, anywhere the viewer may look or in *space*."""
    return listing(db, space=space, filters=Filters(), size=size).rows
