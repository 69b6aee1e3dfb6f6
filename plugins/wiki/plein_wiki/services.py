"""The rules of the page tree: what stands under what, and how a page moves in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar

from sqlalchemy import Row, Select, and_, bindparam, func, literal, select, update
from sqlalchemy.orm import Session, aliased

from plein.api import Content, ContentService, Space, translation_factory
from plein_wiki.models import WikiPage

_ = translation_factory("plein_wiki")

#: A row of a list of columns.
AnyRow = Row[*tuple[Any, ...]]

#: Deeper trees are cut off in the breadcrumbs; nobody reads them.
MAX_DEPTH = 50
#: Entries shown on one level of the tree.
MAX_LEVEL = 300
#: Pages in these states do not stand in the tree, unless it is the one that is read.
PUT_AWAY = ("trashed", "archived")


class MoveRefused(ValueError):
    """A place in the tree that a page can't have. ``sentence`` says why, for the person who asked."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Branch:
    """A page in the tree as shown: with the pages under it where it is open."""

    slug: str
    title: str
    current: bool
    has_children: bool
    children: tuple["Branch", ...] = ()


def _stands(page: Any) -> Any:
    """Whether *page* stands in the tree."""
    # Not as a list: SQLAlchemy writes the statement out anew for a list, each time it runs.
    return and_(*(page.state != state for state in PUT_AWAY))


# These stand on every page of a wiki, and are kept: making a statement takes longer than running it.
@cache
def _way() -> Select[Any]:
    """The ids of a page and of the pages above it, whatever the depth.

    On the bare table, and so past the guard: with the guard's clauses in it, SQLite reads every page of the site. What
    is shown of these pages is looked up under the guard.
    """
    table: Any = WikiPage.__table__
    start = select(table.c.id, table.c.parent_id, literal(0).label("depth")).where(table.c.id == bindparam("page_id"))
    way = start.cte("way", recursive=True)
    upper = table.alias("upper")
    return select(
        way.union_all(
            select(upper.c.id, upper.c.parent_id, way.c.depth + 1)
            .join(way, upper.c.id == way.c.parent_id)
            .where(way.c.depth < MAX_DEPTH)
        ).c.id
    )


@cache
def _tree() -> Select[Any]:
    """The top level, what is below the pages on the way, and those pages themselves."""
    on_way: Any = bindparam("way", expanding=True)
    child = aliased(WikiPage, flat=True)
    has_children = select(child.id).where(child.parent_id == WikiPage.id, _stands(child)).correlate(WikiPage).exists()
    order = (WikiPage.position, WikiPage.sort_title, WikiPage.id)
    return (
        select(WikiPage.id, WikiPage.parent_id, WikiPage.slug, WikiPage.title, has_children.label("more"), *order[:2])
        .where(
            # Not by the index on spaces: SQLite would take it, and read every page of the space for a few dozen.
            WikiPage.space_id + 0 == bindparam("space_id"),
            _stands(WikiPage) | WikiPage.id.in_(on_way) & (WikiPage.state != "trashed"),
            WikiPage.parent_id.in_(on_way) | WikiPage.parent_id.is_(None) | WikiPage.id.in_(on_way),
        )
        # A level that is too long is cut, but never where the page itself stands.
        .order_by(WikiPage.id.in_(on_way).desc(), *order)
        .limit(MAX_LEVEL)
    )


def _above(page: Content, rows: Sequence[AnyRow]) -> list[AnyRow]:
    """Those of *rows* that stand above *page*, from the top."""
    by_id = {row.id: row for row in rows}
    found: list[AnyRow] = []
    parent_id = getattr(page, "parent_id", None)
    # Taken out as they are found: a circle, which only damage can make, ends.
    while parent_id is not None and (row := by_id.pop(parent_id, None)) is not None:
        found.append(row)
        parent_id = row.parent_id
    return found[::-1]


def _branches(rows: Sequence[AnyRow], current_id: int | None) -> tuple[Branch, ...]:
    below: dict[int | None, list[AnyRow]] = {}
    for row in sorted(rows, key=attrgetter("position", "sort_title", "id")):
        below.setdefault(row.parent_id, []).append(row)

    def branches(parent: int | None) -> tuple[Branch, ...]:
        return tuple(
            [
                Branch(slug, title, number == current_id, more, branches(number) if number in below else ())
                for number, _parent, slug, title, more, *_order in below.pop(parent, ())
            ]
        )

    return branches(None)


def places(db: Session, user_id: int) -> list[dict[str, Any]]:
    """The pages that somebody wrote, each with the page it stands under: what a person gets of their data."""
    above = aliased(WikiPage)
    written = (
        select(WikiPage.title, above.title.label("under"))
        .outerjoin(above, above.id == WikiPage.parent_id)
        .where(WikiPage.author_id == user_id)
        .order_by(WikiPage.id)
    )
    return [{"title": row.title, "under": row.under} for row in db.execute(written)]


class WikiService(ContentService):
    """Writing wiki pages: the common rules, and the tree."""

    extra_fields: ClassVar[tuple[str, ...]] = ("parent",)

    def extra_values(self, space: Space, typed: Mapping[str, str]) -> dict[str, Any]:
        parent = self.find(space, typed.get("parent", ""))
        return {"parent_id": parent.id if parent is not None else None}

    def find(self, space: Space, text: str) -> AnyRow | None:
        """The page in *space* that *text* names, by address or else by title: id, slug, title."""
        text = text.strip()
        # PostgreSQL fails on a character that no title has.
        if not text or "\0" in text:
            return None
        pages = select(WikiPage.id, WikiPage.slug, WikiPage.title).where(
            WikiPage.space_id == space.id, WikiPage.state != "trashed"
        )
        by_address = self.db.execute(pages.where(WikiPage.slug == text)).one_or_none()
        if by_address is not None:
            return by_address
        return self.db.execute(
            pages.where(func.lower(WikiPage.title) == text.lower()).order_by(WikiPage.id).limit(1)
        ).one_or_none()

    # -- reading the tree ----------------------------------------------------------------------------------------

    def surroundings(self, item: Content, space: Space) -> dict[str, Any]:
        rows = self._rows(space, item)
        return {"above": _above(item, rows), "tree": _branches(rows, item.id)}

    def list_surroundings(self, space: Space) -> dict[str, Any]:
        return {"tree": self.tree(space, None)}

    def above(self, page: Content) -> list[AnyRow]:
        """The pages above *page*, from the top."""
        return _above(page, self._rows(page.space, page))

    def tree(self, space: Space, current: Content | None) -> tuple[Branch, ...]:
        """The top level of the tree, open along the way to *current*."""
        return _branches(self._rows(space, current), current.id if current is not None else None)

    def _rows(self, space: Space, page: Content | None) -> Sequence[AnyRow]:
        """What the tree shows, open along the way to *page*. Two statements, whatever the depth."""
        # An empty list makes SQLite choose a slow way through; no page has the number 0.
        way = self.db.scalars(_way(), {"page_id": page.id}).all() if page is not None else [0]
        return self.db.execute(_tree(), {"space_id": space.id, "way": list(way)}).all()

    def titles(self, space: Space, *, size: int = 500) -> list[str]:
        """Titles of pages in *space*, to choose from."""
        return list(
            self.db.scalars(
                select(WikiPage.title)
                .where(WikiPage.space_id == space.id, WikiPage.state.not_in(PUT_AWAY))
                .order_by(WikiPage.sort_title, WikiPage.id)
                .limit(size)
            )
        )

    # -- moving in the tree --------------------------------------------------------------------------------------

    def place(self, page: WikiPage, parent: AnyRow | None, position: int = 0) -> None:
        """Put *page*, and what stands under it, under *parent* (or at the top).

        :raises MoveRefused: under itself or under one of its own, or too deep.
        """
        # One at a time in a space: two moves at once, each fine by itself, could make a circle.
        self.db.execute(select(Space.id).where(Space.id == page.space_id).with_for_update(of=Space))
        # Also through pages that this viewer may not see.
        way = self.db.scalars(_way(), {"page_id": parent.id}).all() if parent is not None else []
        if page.id in way:
            raise MoveRefused(_("A page can't stand under itself or under a page below it. Choose another page."))
        if len(way) > MAX_DEPTH:
            # What stands above is not known to its end, so neither is that it is no circle.
            raise MoveRefused(_("That page stands too deep in the tree. Choose a page higher up."))
        page.parent_id = parent.id if parent is not None else None
        page.position = position
        self.db.flush()
        self._changed(page, "moved")

    def trash(self, item: Content, reason: str = "") -> None:
        """The pages under a page that is thrown away move up to its parent."""
        super().trash(item, reason)
        self._lift_children(item)

    def change_state(self, item: Content, state: str, action: Any, *, reason: str = "") -> None:
        """The pages under a page that goes to the archive move up to its parent: nobody would find them below it."""
        ContentService.change_state(self, item, state, action, reason=reason)
        if action == "archived":
            self._lift_children(item)

    def move_to_space(self, item: Content, space: Space, reason: str = "") -> None:
        """A page that leaves a space stands at the top of the other; what stood under it stays and moves up."""
        if item.space_id != space.id:
            self._lift_children(item)
            setattr(item, "parent_id", None)  # noqa: B010 - Content has no parent, a WikiPage has
        super().move_to_space(item, space, reason)

    def _lift_children(self, item: Content) -> None:
        table: Any = WikiPage.__table__
        self.db.execute(
            update(table).where(table.c.parent_id == item.id).values(parent_id=getattr(item, "parent_id", None))
        )
