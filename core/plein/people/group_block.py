"""The groups that somebody is in, a block on their page."""

from typing import Any

from pyramid.request import Request

from plein.contributions import Block
from plein.people import group_words
from plein.people.groups import GroupService
from plein.web.i18n import _


def block_of_person(request: Request, person: Any) -> list[Block]:
    """A block with the groups of *person*, for colleagues; guests know of no group. One statement."""
    if request.viewer.kind != "person":
        return []
    groups = GroupService(request.db, request.viewer).of_person(person.id)
    values = {"groups": groups, "words": group_words}
    return [Block(_("Groups"), "plein:templates/groups/of_person.pt", values, weight=-10)] if groups else []
