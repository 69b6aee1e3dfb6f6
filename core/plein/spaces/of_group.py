"""The spaces that a group is a member of, for the group's own page: as far as whoever looks may know of them."""

from pyramid.request import Request
from sqlalchemy import func, select

from plein.contributions import Block
from plein.people.models import Group
from plein.spaces import words
from plein.spaces.models import GroupMembership, Space
from plein.web.i18n import _

#: A group in more spaces than this shows the first by name.
LISTED = 100


def block_of_group(request: Request, group: Group) -> list[Block]:
    """A block with the spaces of *group*, where there is one that the viewer may know of. One statement, guarded."""
    rows = request.db.execute(
        select(Space.slug, Space.name, Space.access, GroupMembership.role)
        .join(GroupMembership, GroupMembership.space_id == Space.id)
        .where(GroupMembership.group_id == group.id)
        .order_by(func.lower(Space.name), Space.id)
        .limit(LISTED)
    ).all()
    values = {"spaces": rows, "words": words}
    return (
        [Block(_("Spaces that this group is a member of"), "plein:templates/spaces/of_group.pt", values)]
        if rows
        else []
    )
