"""The route context of every page inside a space: which space, and as what the viewer stands in it.

Whoever may not know of the space gets 404, the same as for a space that does not exist. Whoever has not signed in is
refused before anything is looked up, so that the answer is the sign-in page whether or not the space exists.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPMovedPermanently, HTTPNotFound, HTTPPermanentRedirect
from pyramid.request import Request
from sqlalchemy import Select, and_, bindparam, false, func, null, select
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.security.policy import INSPECTOR
from plein.security.viewer import ViewAs, Viewer
from plein.spaces.belonging import RANKS, Who, best_group_rank, broken_by, rank
from plein.spaces.models import ROLES, GroupMembership, Membership, Space, SpaceRedirect


def role_in(space: Space, membership: Membership | None, viewer: Viewer, group_rank: int | None = None) -> str | None:
    """The role by which *viewer* is allowed or refused things in *space*.

    :param group_rank: the place in ``ROLES`` of the best role that the viewer has there by groups.
    :return: manager, editor, member or reader for a member, the best of their own and their groups'; ``visitor`` for a
        person in an open space without membership; ``None`` for whoever may know that the space exists and no more. A
        request to join is no role.
    """
    return best_role(space.access, None if membership is None else membership.role, viewer, group_rank)


def best_role(access: str, own: str | None, viewer: Viewer, group_rank: int | None) -> str | None:
    """As :func:`role_in`, of columns: the *access* of a space, and what the viewer is in it in person."""
    places = [] if group_rank is None or viewer.kind != "person" else [group_rank]
    if own in RANKS:
        places.append(RANKS[own])
    if places:
        return ROLES[min(places)]
    if access == "open" and viewer.kind == "person":
        return "visitor"
    return None


#: Roles by what they may, most first.
_ORDER = (*ROLES, "visitor", None)


def _role_seen_as(view_as: ViewAs, space: Space, group_rank: int | None) -> str | None:
    """The role that a role or group which somebody looks as has in *space*."""
    if view_as.role is not None and view_as.space_id == space.id:
        return view_as.role
    if group_rank is not None:
        return ROLES[group_rank]
    return "visitor" if space.access == "open" else None


@cache
def _find_space(kind: str) -> Select[*tuple[Any, ...]]:
    # Kept: making a statement takes longer than running it, and this one runs on every page in a space.
    found = (
        select(Space, Membership)
        .outerjoin(Membership, and_(Membership.space_id == Space.id, Membership.user_id == bindparam("user_id")))
        .where(Space.slug == bindparam("slug"))
    )
    seen_as = (
        select(func.min(rank(GroupMembership.role)))
        .where(
            GroupMembership.space_id == Space.id, GroupMembership.group_id.in_(bindparam("group_ids", expanding=True))
        )
        .correlate(Space)
        .scalar_subquery()
    )
    broken = Space.id.in_(broken_by(Who(bindparam("user_id"), True, True, bindparam("now"))))
    return found.add_columns(
        best_group_rank() if kind != "guest" else null(),
        broken if kind == "admin" else false(),
        seen_as if kind == "as" else null(),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """A space and the viewer's role in it: a context that permissions can be asked in, without a request."""

    space: Space
    role: str | None


def standings(db: Session, viewer: Viewer, *only: Any, limit: int = 500) -> list[Standing]:
    """The spaces that *viewer* may know of with their role in each, by name, in one statement.

    :param only: conditions on :class:`Space`.
    """
    group_rank = best_group_rank() if viewer.kind == "person" else null()
    rows = db.execute(
        select(Space, Membership, group_rank)
        .outerjoin(Membership, and_(Membership.space_id == Space.id, Membership.user_id == bindparam("user_id")))
        .where(*only)
        .order_by(Space.name, Space.id)
        .limit(limit),
        {"user_id": viewer.user_id},
    )
    return [Standing(space, role_in(space, membership, viewer, place)) for space, membership, place in rows]


class SpaceContext:
    """Route factory for routes with ``{space}``: the space and the viewer's membership, in one statement.

    :ivar space: the space; always one that the viewer may know of.
    :ivar membership: the viewer's own, ``None`` without one; its role may be ``asked``.
    :ivar role: what permissions are decided by, see :func:`role_in`.
    :raises HTTPForbidden: for whoever has not signed in.
    :raises HTTPMovedPermanently: for an address that the space had before; HTTPPermanentRedirect where something was
        posted to it.
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
        kind = "as" if viewer.view_as is not None else "admin" if viewer.is_admin else viewer.kind
        values = {"slug": request.matchdict["space"], "user_id": viewer.user_id}
        if kind == "admin":
            values["now"] = utcnow()
        elif viewer.view_as is not None:
            values["group_ids"] = list(viewer.view_as.group_ids)
        found = request.db.execute(_find_space(kind), values).one_or_none()
        if found is None:
            raise self._moved() or HTTPNotFound()
        self.space, self.membership, group_rank, broken, seen_rank = found
        self.role = role_in(self.space, self.membership, viewer, group_rank)
        if broken and self.role in ("visitor", None):
            self.role = INSPECTOR
        if viewer.view_as is not None:
            seen = _role_seen_as(viewer.view_as, self.space, seen_rank)
            # Nobody gets to do or see more by looking as somebody else.
            self.role = max(self.role, seen, key=_ORDER.index)

    def _moved(self) -> HTTPMovedPermanently | HTTPPermanentRedirect | None:
        """The same page of the space that had this address before, where the viewer may know of that space.

        A browser sends a form again to where it is told to: who wrote while the address was changed loses nothing.
        """
        request = self.request
        slug = request.db.scalar(
            select(Space.slug)
            .join(SpaceRedirect, SpaceRedirect.space_id == Space.id)
            .where(SpaceRedirect.slug == request.matchdict["space"])
        )
        if slug is None:
            return None
        answer = HTTPMovedPermanently if request.method in ("GET", "HEAD") else HTTPPermanentRedirect
        parts = {**request.matchdict, "space": slug}
        return answer(request.route_path(request.matched_route.name, _query=request.GET, **parts))

    @property
    def reads(self) -> bool:
        """Whether the viewer may read what is in the space, not only that it exists."""
        return self.role is not None
