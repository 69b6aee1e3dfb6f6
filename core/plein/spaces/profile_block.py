"""On the page of a person: the spaces they are in that whoever looks may look into too."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from plein.contributions import Block
from plein.db import utcnow
from plein.people.models import GroupPerson
from plein.security.viewer import Viewer
from plein.spaces.belonging import spaces_of, who_is
from plein.spaces.models import ROLES, GroupMembership, Membership, Space
from plein.web.i18n import _

SHOWN = 12


def spaces_of_person(db: Session, viewer: Viewer, user_id: int, kind: str) -> Sequence[Any]:
    """Spaces that the person belongs to and that *viewer* may look into, by name: id, slug, name. One statement.

    Of a closed space the members are known to its members only, and so it is not shown to others here.
    """
    own = select(Membership.space_id).where(Membership.user_id == user_id, Membership.role.in_(ROLES))
    belongs = [Space.id.in_(own)]
    if kind == "person":
        by_group = (
            select(GroupMembership.space_id)
            .join(GroupPerson, GroupPerson.group_id == GroupMembership.group_id)
            .where(GroupPerson.user_id == user_id)
        )
        belongs.append(Space.id.in_(by_group))
    inside = Space.id.in_(spaces_of(who_is(viewer, utcnow())))
    found = select(Space.id, Space.slug, Space.name).where(
        or_(*belongs), inside if viewer.kind == "guest" else or_(inside, Space.access == "open")
    )
    return db.execute(found.order_by(Space.name, Space.id).limit(SHOWN)).all()


def blocks(db: Session, viewer: Viewer, person: Any) -> list[Block]:
    """:param person: has ``id`` and ``kind``."""
    found = spaces_of_person(db, viewer, person.id, person.kind)
    template = "plein:templates/spaces/of_person.pt"
    return [Block(_("Spaces"), template, {"spaces": found}, weight=10)] if found else []
