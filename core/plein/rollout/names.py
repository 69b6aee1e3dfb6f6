"""Names of the groups, spaces and people that decisions are about, as far as whoever reads them may know them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.ladder.changing import Decision
from plein.people.models import Group, User
from plein.spaces.models import Space
from plein.web.i18n import _

GONE = _("somebody who left")
UNKNOWN_GROUP = _("a group that is gone")
#: It may be gone as well: who may not know of it learns nothing.
UNKNOWN_SPACE = _("a space that you cannot see")


@dataclass(frozen=True, slots=True)
class Names:
    """By number. Spaces that the session's viewer may not know of are not in it."""

    groups: dict[int, Any] = field(default_factory=dict)
    spaces: dict[int, Any] = field(default_factory=dict)
    people: dict[int, Any] = field(default_factory=dict)

    def of_groups(self, ids: Iterable[int]) -> list[Any]:
        """As people read them, sorted; those that are gone last."""
        return _listed([self.groups[one].name for one in ids if one in self.groups], ids, self.groups, UNKNOWN_GROUP)

    def of_spaces(self, ids: Iterable[int]) -> list[Any]:
        return _listed([self.spaces[one].name for one in ids if one in self.spaces], ids, self.spaces, UNKNOWN_SPACE)

    def of_person(self, number: int | None) -> Any:
        if number is None:
            return None
        return self.people[number].name if number in self.people else GONE


def _listed(names: list[str], ids: Iterable[int], known: dict[int, Any], unknown: Any) -> list[Any]:
    return [*sorted(names, key=str.casefold), *(unknown for one in ids if one not in known)]


def names_of(db: Session, decisions: Sequence[Decision]) -> Names:
    """Names of all that *decisions* are about. At most three statements."""
    groups = {number for one in decisions for number in one.group_ids}
    spaces = {number for one in decisions for number in one.space_ids}
    people = {one.owner_id for one in decisions if one.owner_id is not None}
    return Names(
        _read(db, select(Group.id, Group.slug, Group.name).where(Group.id.in_(groups)), groups),
        _read(db, select(Space.id, Space.slug, Space.name).where(Space.id.in_(spaces)), spaces),
        _read(db, select(User.id, User.login, User.name).where(User.id.in_(people)), people),
    )


def _read(db: Session, rows: Any, wanted: set[int]) -> dict[int, Any]:
    return {row.id: row for row in db.execute(rows)} if wanted else {}
