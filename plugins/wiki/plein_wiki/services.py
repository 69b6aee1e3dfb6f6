"""The rules of the page tree: what stands under what, and how a page moves in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import Row, Select, bindparam, func, literal, select, update
from sqlalchemy.orm import aliased

from plein.api import Content, ContentService, Space, translation_factory
from plein_wiki.models import WikiPage

_ = translation_factory("plein_wiki")

#: Deeper trees are cut off in the breadcrumbs; nobody reads them.
MAX_DEPTH = 50
#: Entries shown on one level of the tree.
MAX_LEVEL = 300


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


# Both stand on every page of a wiki, and are kept: making a statement takes longer than running it.
@cache
def _above() -> Select[Any]:
    chain = (
        select(WikiPage.id, WikiPage.parent_id, literal(1).label("depth"))
        .where(WikiPage.id == bindparam("parent_id"))
        .cte("above", recursive=True)
    )
    upper = aliased(WikiPage, flat=True)
    chain = chain.union_all(
        select(upper.id, upper.parent_id, chain.c.depth + 1)
        .select_from(upper)
        .join(chain, upper.id == chain.c.parent_id)
        .where(chain.c.depth < MAX_DEPTH)
    )
    return (
        select(WikiPage.id, WikiPage.slug, WikiPage.title)
        .join(chain, chain.c.id == WikiPage.id)
        .where(WikiPage.state != "trashed")
        .order_by(chain.c.depth.desc())
    )


@cache
def _tree() -> Select[Any]:
    child = aliased(WikiPage, flat=True)
    has_children = (
        select(child.id).where(child.parent_id == WikiPage.id, child.state != "trashed").correlate(WikiPage).exists()
    )
    return (
        select(WikiPage.id, WikiPage.parent_id, WikiPage.slug, WikiPage.title, has_children.label("more"))
        .where(
            WikiPage.space_id == bindparam("space_id"),
            WikiPage.state != "trashed",
            WikiPage.parent_id.in_(bindparam("open_ids", expanding=True)) | WikiPage.parent_id.is_(None),
        )
        .order_by(WikiPage.position, WikiPage.sort_title, WikiPage.id)
        .limit(MAX_LEVEL)
    )


class WikiService(ContentService):
    """Writing wiki pages: the common rules, and the tree."""

    extra_fields: ClassVar[tuple[str, ...]] = ("parent",)

    def extra_values(self, space: Space, typed: Mapping[str, str]) -> dict[str, Any]:
        parent = self.find(space, typed.get("parent", ""))
        return {"parent_id": parent.id if parent is not None else None}

    def find(self, space: Space, text: str) -> Row[Any] | None:
        """The page in *space* that *text* names, by address or else by title: id, slug, title."""
        text = text.strip()
        if not text:
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
        above = self.above(item)
        return {"above": above, "tree": self.tree(space, item, above)}

    def list_surroundings(self, space: Space) -> dict[str, Any]:
        return {"tree": self.tree(space, None, [])}

    def above(self, page: Content) -> list[Row[Any]]:
        """The pages above *page*, from the top: id, slug, title. One statement, whatever the depth."""
        parent_id = getattr(page, "parent_id", None)
        if parent_id is None:
            return []
        return list(self.db.execute(_above(), {"parent_id": parent_id}).all())

    def tree(self, space: Space, current: Content | None, above: list[Row[Any]]) -> tuple[Branch, ...]:
        """The top level of the tree, open along the way to *current*. One statement."""
        path = [row.id for row in above]
        open_ids = [*path, current.id] if current is not None else []
        rows = self.db.execute(_tree(), {"space_id": space.id, "open_ids": open_ids}).all()
        below: dict[int | None, list[Row[Any]]] = {}
        for row in rows:
            below.setdefault(row.parent_id, []).append(row)
        current_id = current.id if current is not None else None

        def branches(parent: int | None) -> tuple[Branch, ...]:
            return tuple(
                Branch(row.slug, row.title, row.id == current_id, row.more, branches(row.id))
                for row in below.get(parent, ())
            )

        return branches(None)

    def titles(self, space: Space, *, size: int = 500) -> list[str]:
        """Titles of pages in *space*, to choose from."""
        return list(
            self.db.scalars(
                select(WikiPage.title)
                .where(WikiPage.space_id == space.id, WikiPage.state != "trashed")
                .order_by(WikiPage.sort_title, WikiPage.id)
                .limit(size)
            )
        )

    # -- moving in the tree --------------------------------------------------------------------------------------

    def place(self, page: WikiPage, parent: Row[Any] | None, position: int = 0) -> None:
        """Put *page*, and what stands under it, under *parent* (or at the top).

        :raises MoveRefused: under itself or under one of its own.
        """
        if parent is not None and (parent.id == page.id or self._is_under(parent.id, page.id)):
            raise MoveRefused(_("A page can't stand under itself or under a page below it. Choose another page."))
        page.parent_id = parent.id if parent is not None else None
        page.position = position
        self.db.flush()
        self._changed(page, "moved")

    def trash(self, item: Content) -> None:
        """The pages under a page that is thrown away move up to its parent."""
        super().trash(item)
        self._lift_children(item)

    def move_to_space(self, item: Content, space: Space) -> None:
        """A page that leaves a space stands at the top of the other; what stood under it stays and moves up."""
        if item.space_id != space.id:
            self._lift_children(item)
            setattr(item, "parent_id", None)  # noqa: B010 - Content has no parent, a WikiPage has
        super().move_to_space(item, space)

    def _lift_children(self, item: Content) -> None:
        self.db.execute(
            update(WikiPage.__table__)
            .where(WikiPage.__table__.c.parent_id == item.id)
            .values(parent_id=getattr(item, "parent_id", None))
        )

    def _is_under(self, page_id: int, ancestor_id: int) -> bool:
        """Whether a page stands somewhere under another."""
        seen = 0
        current: int | None = page_id
        while current is not None and seen < MAX_DEPTH * 2:
            current = self.db.scalar(select(WikiPage.parent_id).where(WikiPage.id == current))
            if current == ancestor_id:
                return True
            seen += 1
        return False
