"""Route context of an item whose plugin is not there: read by its columns, whatever class it would be."""

from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPFound, HTTPNotFound
from pyramid.request import Request
from sqlalchemy import select
from sqlalchemy.orm import aliased

from plein.content.contexts import moved_from
from plein.content.models import Content
from plein.contributions import SPACE_ROLES, Permission
from plein.people.models import User
from plein.plugins.known import DormantType
from plein.security.policy import permits_in_space
from plein.spaces.contexts import SpaceContext


class DormantItem(SpaceContext):
    """One item, as far as every type has it.

    :ivar kind: what is known of its type.
    :ivar row: title, html, body and the like, with the name of its author.
    :raises HTTPNotFound: where there is none, or not for this viewer.
    :raises HTTPForbidden: where the viewer's role may not read items of the type here.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.kind: DormantType = request.viewer.ladder.dormant[request.matchdict["path"]]
        self.row: Any = self._item() or self._item_moved()
        # Only now: of what somebody may not see nobody says that it is forbidden.
        self._require_view()

    def _require_view(self) -> None:
        """Whoever could not read these items while the plugin was there cannot now either."""
        declared = Permission(f"{self.kind.name}.view", self.kind.name, SPACE_ROLES, effect="read")
        changes = self.request.registry["plein.rights"].changes(self.request.viewer.rights)
        if not permits_in_space(self, declared, changes):
            raise HTTPForbidden()

    def _item(self) -> Any:
        author, updated_by = aliased(User), aliased(User)
        columns = (Content.id, Content.uid, Content.slug, Content.title, Content.html, Content.body, Content.outline)
        more = (Content.language, Content.state, Content.tags, Content.created_at, Content.updated_at)
        return self.request.db.execute(
            select(*columns, *more, author.name.label("author"), updated_by.name.label("updated_by"))
            .outerjoin(author, author.id == Content.author_id)
            .outerjoin(updated_by, updated_by.id == Content.updated_by_id)
            .where(
                Content.space_id == self.space.id,
                Content.type == self.kind.name,
                Content.slug == self.request.matchdict["slug"],
            )
        ).one_or_none()

    def _item_moved(self) -> Any:
        """Lead on from an address that the item had before."""
        moved = self.request.db.execute(
            moved_from(self.space.id, self.kind.name, self.request.matchdict["slug"])
        ).one_or_none()
        if moved is None:
            raise HTTPNotFound()
        parts = {"space": moved[1], "path": self.kind.path, "slug": moved[0]}
        raise HTTPFound(self.request.route_path(self.request.matched_route.name, **parts))
