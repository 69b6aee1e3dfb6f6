"""Route contexts of content: the type in a space, and one item of it."""

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from pyramid.httpexceptions import HTTPFound, HTTPNotFound, HTTPTemporaryRedirect
from pyramid.request import Request
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased

from plein.content.models import Content, ContentRedirect
from plein.content.services import ContentService
from plein.content.visibility import may_write
from plein.contributions import ContentType
from plein.people.models import User
from plein.spaces.contexts import SpaceContext, Standing
from plein.spaces.models import Space
from plein.web.addresses import path_of
from plein.web.markup import MarkupLimits


class TypeContext(SpaceContext):
    """Route factory for the pages of a content type in a space.

    :ivar type: the declared type.
    :ivar service: writes items of this type, as the viewer.
    """

    def __init__(self, request: Request, content_type: ContentType) -> None:
        super().__init__(request)
        self.type = content_type
        self.service = make_service(request, content_type)

    def url(self, page: str, **parts: Any) -> str:
        """The address of a page of this type in this space: ``url("list")``, ``url("show", slug=…)``."""
        return path_of(self.request, f"{self.type.name}.{page}", space=self.space.slug, **parts)


class MissingItem(HTTPNotFound):
    """No item has this address, or none that this viewer may see: the answer is the same. ``place`` says where."""

    def __init__(self, place: TypeContext) -> None:
        super().__init__()
        self.place = place


@cache
def _find_item(model: type[Any]) -> Select[Any]:
    # Kept: making a statement takes longer than running it, and this one runs on every page about an item.
    author, updated_by, owner = aliased(User), aliased(User), aliased(User)
    return (
        select(model, author.name, author.login, updated_by.name, updated_by.login, owner.name, owner.login)
        .outerjoin(author, author.id == model.author_id)
        .outerjoin(updated_by, updated_by.id == model.updated_by_id)
        .outerjoin(owner, owner.id == model.owner_id)
        .where(
            model.space_id == bindparam("space_id"), model.type == bindparam("type"), model.slug == bindparam("slug")
        )
    )


def moved_from(space_id: int, type_name: str, slug: str) -> Select[str, str]:
    """Slug of the item that had this address before, and of the space where it is now."""
    return (
        select(Content.slug, Space.slug)
        .join(ContentRedirect, ContentRedirect.content_id == Content.id)
        .join(Space, Space.id == Content.space_id)
        .where(ContentRedirect.space_id == space_id, ContentRedirect.type == type_name, ContentRedirect.slug == slug)
    )


class ContentContext(TypeContext):
    """Route factory for the pages of one item.

    :ivar item: the item, which the viewer may see.
    :ivar author: name and login of who wrote it first, or ``None``; likewise ``updated_by``, and ``owner``, who looks
        after it where that is a person.
    :raises HTTPFound: for an address that the item had before; HTTPTemporaryRedirect where something was posted to it.
    :raises MissingItem: where there is no such item, or not for this viewer.
    """

    item: Content

    def __init__(self, request: Request, content_type: ContentType) -> None:
        super().__init__(request, content_type)
        values = {"space_id": self.space.id, "type": content_type.name, "slug": request.matchdict["slug"]}
        found = self.request.db.execute(_find_item(content_type.model), values).one_or_none()
        if found is None:
            raise self._elsewhere() or MissingItem(self)
        self.item = found[0]
        if self.item.locked:
            self.service.unlocks = self.may_unlock
        self.author = (found[1], found[2]) if found[1] else None
        self.updated_by = (found[3], found[4]) if found[3] else None
        self.owner = (found[5], found[6]) if found[5] else None

    @cached_property
    def may_write_item(self) -> bool:
        """Whether the item's own audience and lock let the viewer write; the permission asks the role as well."""
        item, viewer = self.item, self.request.viewer
        if item.locked and not self.may_unlock:
            return False
        if not item.restricted or viewer.user_id in (item.author_id, item.owner_id):
            return True
        return may_write(self.request.db, viewer, item)

    @cached_property
    def may_unlock(self) -> bool:
        """Whether the viewer may lock items here, and change those that are locked: who may throw them away."""
        # Asked of the space: asked of the item it would ask whether the item is locked.
        return bool(self.request.has_permission(f"{self.type.name}.delete", Standing(self.space, self.role)))

    def url(self, page: str, **parts: Any) -> str:
        """The address of a page of this item, or with ``slug=`` of another one."""
        pattern_has_slug = page not in self.request.registry[TYPE_PAGES]
        return super().url(page, **({"slug": self.item.slug} | parts if pattern_has_slug else parts))

    def _elsewhere(self) -> HTTPFound | HTTPTemporaryRedirect | None:
        """Where the item went that had this address.

        A browser sends a form again to where it is told to: who wrote while somebody else renamed loses nothing.
        """
        moved = self.request.db.execute(
            moved_from(self.space.id, self.type.name, self.request.matchdict["slug"])
        ).one_or_none()
        if moved is None:
            return None
        parts = {**self.request.matchdict, "slug": moved[0], "space": moved[1]}
        answer = HTTPFound if self.request.method in ("GET", "HEAD") else HTTPTemporaryRedirect
        return answer(self.request.route_path(self.request.matched_route.name, **parts))


#: Where the registry keeps the names of the pages of a type, which are about no single item.
TYPE_PAGES = "plein.type_pages"


def make_service(request: Any, content_type: ContentType) -> ContentService:
    """The service of *content_type*, as the viewer of *request*."""
    service_class = content_type.service or ContentService
    service: ContentService = service_class(
        db=request.db,
        viewer=request.viewer,
        type=content_type,
        plugins=request.registry["plein.plugins"],
        limits=MarkupLimits(max_kb=request.plein["plein.max_markdown_kb"]),
    )
    return service


def type_factory(content_type: ContentType) -> Callable[[Request], TypeContext]:
    """A route factory for the pages of *content_type* in a space."""
    return lambda request: TypeContext(request, content_type)


def item_factory(content_type: ContentType) -> Callable[[Request], ContentContext]:
    """A route factory for the pages of one item of *content_type*."""
    return lambda request: ContentContext(request, content_type)
