"""What an address means, when somebody asks who may see it: an item, a space, or a page of the site."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pyramid.interfaces import IRoutesMapper
from pyramid.registry import Registry
from pyramid.request import Request
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from plein.content.models import Content, ContentRedirect
from plein.plugins import Plugins
from plein.spaces.models import Space


@dataclass(frozen=True, slots=True)
class Subject:
    """What an address leads to.

    :param kind: ``item``, ``space`` or ``page``.
    :param permission: of a page: what its view asks for.
    :param path: of a page.
    """

    kind: Literal["item", "space", "page"]
    item: Any = None
    space: Any = None
    permission: str = ""
    path: str = ""


def find_subject(db: Session, plugins: Plugins, registry: Callable[[], Registry], text: str) -> Subject | None:
    """What *text* means: an address, or the part of it behind the host, or the uid of an item or a space.

    :param db: a session that sees everything: who asks must be allowed to.
    :param registry: gives that of the application, which knows the pages of the site; asked only for one of those.
    """
    text = text.strip()
    by_uid = db.scalar(select(Content).where(Content.uid == text))
    if by_uid is not None:
        return Subject("item", item=by_uid, space=by_uid.space)
    path = unquote(urlsplit(text).path) or "/"
    parts = [part for part in path.split("/") if part]
    if parts and parts[0] == "spaces" and len(parts) > 1 and parts[1] != "-":
        return _in_space(db, plugins, parts[1:])
    space = db.scalar(select(Space).where(or_(Space.uid == text, Space.slug == text)))
    if space is not None:
        return Subject("space", space=space)
    permission = permission_of(registry(), path)
    return Subject("page", permission=permission, path=path) if permission is not None else None


def _in_space(db: Session, plugins: Plugins, parts: list[str]) -> Subject | None:
    space = db.scalar(select(Space).where(Space.slug == parts[0]))
    if space is None:
        return None
    types = {kind.path: kind.name for kind in plugins.content_types.values()}
    type_name = types.get(parts[1]) if len(parts) > 1 else None
    if type_name is None or len(parts) < 3 or parts[2] == "-":
        return Subject("space", space=space)
    here = (Content.space_id == space.id, Content.type == type_name, Content.slug == parts[2])
    item = db.scalar(select(Content).where(*here))
    if item is None:
        item = db.scalar(
            select(Content)
            .join(ContentRedirect, ContentRedirect.content_id == Content.id)
            .where(
                ContentRedirect.space_id == space.id,
                ContentRedirect.type == type_name,
                ContentRedirect.slug == parts[2],
            )
        )
    return Subject("item", item=item, space=item.space) if item is not None else None


def permission_of(registry: Any, path: str) -> str | None:
    """The permission of the view that answers to *path*; ``None`` where there is no page."""
    mapper = registry.queryUtility(IRoutesMapper)
    found = mapper(Request.blank(path)) if mapper is not None else {"route": None}
    if found["route"] is None:
        return None
    route = found["route"].name
    return next(
        (
            str(one["value"])
            for view in registry.introspector.get_category("views", default=())
            if view["introspectable"].get("route_name") == route
            for one in view["related"]
            if one.category_name == "permissions"
        ),
        None,
    )
