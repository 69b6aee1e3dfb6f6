"""Lists of items: filtered, in an order, a page at a time. Nothing here narrows by who looks: the guard does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, Literal, get_args

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from plein.content.fields import without_words
from plein.content.models import Content, Revision
from plein.content.tag_models import ContentTag, Tag
from plein.content.titles import sort_title, tag_key
from plein.contributions import ContentType
from plein.contributions.content import View
from plein.people.models import User
from plein.spaces.models import Space

PAGE = 30
#: Counting stops here; a list then says "more than 1,000".
COUNT_LIMIT = 1000
#: Characters of the text that a card shows.
_BEGINNING = 240

#: Which states a list shows, by the word in its address. What is archived is out of the way until it is asked for.
SHOWS: Mapping[str, tuple[str, ...]] = {
    "": ("published", "draft", "scheduled"),
    "draft": ("draft", "scheduled"),
    "archived": ("archived",),
}
#: States that lists leave out of which nobody said which states they want.
PUT_AWAY = ("trashed", "archived")
VIEWS = get_args(View)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; each is a word in its address, so that a list is a link.

    :param q: the beginning of a word in the title.
    :param tag: a tag, by its name or its address.
    :param show: a key of :data:`SHOWS`.
    :param mine: only what the person with this number wrote or looks after.
    """

    q: str = ""
    tag: str = ""
    show: str = ""
    mine: int | None = None

    @classmethod
    def of(cls, data: Mapping[str, str], me: int | None) -> "Filters":
        """The filters in the query *data* of the person *me*. What makes no sense is left out."""
        q, tag, show = (data.get(name, "")[:200].replace("\0", "").strip() for name in ("q", "tag", "show"))
        return cls(q, tag, show if show in SHOWS else "", me if data.get("mine") else None)

    def query(self) -> dict[str, str]:
        """The filters as they stand in an address."""
        words = {"q": self.q, "tag": self.tag, "show": self.show, "mine": "1" if self.mine else ""}
        return {name: value for name, value in words.items() if value}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a keyset-paged list.

    :param rows: as selected, at most the page size.
    :param next: the cursor of the page after this one, or ``None`` on the last.
    """

    rows: list[Any]
    next: str | None


def columns(model: Any = Content) -> tuple[Any, ...]:
    """What a list shows of items of *model*."""
    return (
        model.id,
        model.uid,
        model.type,
        model.slug,
        model.title,
        model.tags,
        model.state,
        model.locked,
        model.restricted,
        model.review_on,
        model.open_reports,
        model.updated_at,
        model.trashed_at,
        model.sort_title,
        Space.slug.label("space"),
        Space.name.label("space_name"),
        User.id.label("updated_by_id"),
        User.name.label("updated_by"),
        User.login.label("updated_by_login"),
    )


@cache
def _listed(model: Any, fields: tuple[str, ...], beginning: bool) -> Select[Any]:
    """The statement of a list; of one type also with *fields* of its own. Kept: making it takes longer than running."""
    text = [func.substr(model.text, 1, _BEGINNING).label("beginning"), model.language] if beginning else []
    return (
        select(*columns(model), *(getattr(model, name) for name in fields), *text)
        .join(Space, Space.id == model.space_id)
        .outerjoin(User, User.id == model.updated_by_id)
    )


def listing(
    db: Session,
    *,
    space: Space | None = None,
    type_name: str | None = None,
    content_type: ContentType | None = None,
    filters: Filters | None = None,
    tag_id: int | None = None,
    trashed: bool = False,
    minor: bool = True,
    order: Literal["recent", "title"] = "recent",
    beginning: bool = False,
    after: str | None = None,
    size: int = PAGE,
) -> Page:
    """Items that the viewer may see, newest first or by title. One statement.

    :param content_type: only of this type, and with the fields of its own.
    :param filters: what it is narrowed to; without them everything that is neither archived nor thrown away.
    :param tag_id: only those with that tag.
    :param trashed: those that were thrown away, instead of the others.
    :param minor: also those whose last change is a small one.
    :param beginning: with the beginning of each text, without the words of its fields.
    :param after: the ``next`` of the page before. One that makes no sense starts at the beginning.
    """
    model: Any = Content if content_type is None else content_type.model
    fields = () if content_type is None else tuple(one.name for one in content_type.fields)
    statement = _narrowed(_listed(model, fields, beginning), model, space, type_name, filters, trashed)
    if tag_id is not None:
        statement = statement.where(model.id.in_(select(ContentTag.content_id).where(ContentTag.tag_id == tag_id)))
    if not minor:
        last = (Revision.content_id == model.id, Revision.version == model.version, Revision.minor)
        statement = statement.where(~select(Revision.id).where(*last).exists())
    cursor = _cursor(after)
    if order == "title":
        statement = statement.order_by(model.sort_title, model.id)
        if cursor is not None:
            statement = statement.where(tuple_(model.sort_title, model.id) > tuple_(cursor[0], cursor[1]))
    else:
        statement = statement.order_by(model.updated_at.desc(), model.id.desc())
        moment = _moment(cursor[0]) if cursor is not None else None
        if cursor is not None and moment is not None:
            statement = statement.where(tuple_(model.updated_at, model.id) < tuple_(moment, cursor[1]))
    rows: list[Any] = list(db.execute(statement.limit(size + 1)).all())
    more = len(rows) > size
    rows = rows[:size]
    if beginning and content_type is not None:
        rows = [SimpleNamespace(**row._asdict() | {"beginning": without_words(content_type, row)}) for row in rows]
    key = (lambda row: row.sort_title) if order == "title" else (lambda row: row.updated_at.isoformat())
    return Page(rows, f"{rows[-1].id}~{key(rows[-1])}" if more else None)


def _narrowed(
    statement: Select[Any],
    model: Any,
    space: Space | None,
    type_name: str | None,
    filters: Filters | None,
    trashed: bool,
) -> Select[Any]:
    if space is not None:
        statement = statement.where(model.space_id == space.id)
    if type_name is not None:
        statement = statement.where(model.type == type_name)
    if trashed or filters is None:
        return statement.where(model.state == "trashed" if trashed else model.state.not_in(PUT_AWAY))
    statement = statement.where(model.state.in_(SHOWS[filters.show]))
    if filters.q:
        beginning = sort_title(filters.q)
        starts = model.sort_title.startswith(beginning, autoescape=True)
        statement = statement.where(or_(starts, model.sort_title.contains(f" {beginning}", autoescape=True)))
    if filters.tag:
        # The word may be a tag that became another one, whose rows bear the other's number.
        meant = select(func.coalesce(Tag.merged_into_id, Tag.id)).where(
            or_(Tag.folded == tag_key(filters.tag), Tag.slug == filters.tag)
        )
        statement = statement.where(model.id.in_(select(ContentTag.content_id).where(ContentTag.tag_id.in_(meant))))
    if filters.mine:
        statement = statement.where(or_(model.author_id == filters.mine, model.owner_id == filters.mine))
    return statement


def _cursor(after: str | None) -> tuple[str, int] | None:
    number, separator, key = (after or "").partition("~")
    return (key, int(number)) if separator and number.isascii() and number.isdigit() and len(number) < 19 else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def count(
    db: Session, *, space: Space | None = None, type_name: str | None = None, filters: Filters | None = None
) -> int:
    """How many items, counted no further than one past the limit."""
    inner = _narrowed(select(Content.id), Content, space, type_name, filters, trashed=False)
    limited = inner.limit(COUNT_LIMIT + 1).subquery()
    return db.scalar(select(func.count()).select_from(limited)) or 0
