"""The route context of every page inside a space: which space, and as what the viewer stands in it.

Whoever may not know of the space gets 404, the same as for a space that does not exist. Whoever has not signed in is
refused before anything is looked up, so that the answer is the sign-in page whether or not the space exists.
"""

from functools import cache
from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound
from pyramid.request import Request
from sqlalchemy import Select, and_, bindparam, select

from plein.security.viewer import Viewer
from plein.spaces.models import ROLES, Membership, Space


def role_in(space: Space, membership: Membership | None, viewer: Viewer) -> str | None:
    """The role by which *viewer* is allowed or refused things in *space*.

    :return: manager, editor, member or reader for a member; ``visitor`` for a person in an open space without
        membership; ``None`` for whoever may know that the space exists and no more. A request to join is no role.
    """
    if membership is not None and membership.role in ROLES:
        return membership.role
    if space.access == "open" and viewer.kind == "person":
        return "visitor"
    return None


@cache
def _find_space() -> Select[*tuple[Any, ...]]:
    # Kept: making a statement takes longer than running it, and this one runs on every page in a space.
    return (
        select(Space, Membership)
        .outerjoin(Membership, and_(Membership.space_id == Space.id, Membership.user_id == bindparam("user_id")))
        .where(Space.slug == bindparam("slug"))
    )


class SpaceContext:
    """Route factory for routes with ``{space}``: the space and the viewer's membership, in one statement.

    :ivar space: the space; always one that the viewer may know of.
    :ivar membership: the viewer's own, ``None`` without one; its role may be ``asked``.
    :ivar role: what permissions are decided by, see :func:`role_in`.
    :raises HTTPForbidden: for whoever has not signed in.
    :raises HTTPNotFound: where the viewer may not know of the space.
    """

    space: Space
    membership: Membership | None
    role: str | None

    def __init__(self, request: Request) -> None:
        self.request = request
        viewer: Viewer = request.viewer
        if not viewer.is_signed_in:
            raise HTTPForbidden()
        values = {"slug": request.matchdict["space"], "user_id": viewer.user_id}
        found = request.db.execute(_find_space(), values).one_or_none()
        if found is None:
            raise HTTPNotFound()
        self.space, self.membership = found
        self.role = role_in(self.space, self.membership, viewer)

    @property
    def reads(self) -> bool:
        """Whether the viewer may read what is in the space, not only that it exists."""
        return self.role is not None
