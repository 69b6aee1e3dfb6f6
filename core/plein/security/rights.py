"""Which roles have a permission: what it declares, as administrators changed it for the site and managers for a space.

Changes are rows. Each process keeps them all, with the number of the change that they belong to; that number comes
with the viewer of each request, so that a change holds on the next request in every process, without a statement more.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, select

from plein.contributions import Permission
from plein.security.models import PermissionGrant
from plein.security.stamps import Kept, bump, current_stamp

__all__ = ["Changes", "Rights", "bump", "current_stamp", "effective", "read_changes"]

#: space (``None`` for the site) → permission → role → allowed
Changes = Mapping[int | None, Mapping[str, Mapping[str, bool]]]


def effective(declared: Permission, changes: Changes, space_id: int | None = None) -> frozenset[str]:
    """The roles that have the permission, in *space_id* or for the whole site."""
    roles = set(declared.roles)
    for place in (None, space_id) if space_id is not None else (None,):
        for role, allowed in changes.get(place, {}).get(declared.name, {}).items():
            (roles.add if allowed else roles.discard)(role)
    return frozenset(roles)


def read_changes(db: Any) -> Changes:
    """All changed cells, read from a session or connection."""
    found: dict[int | None, dict[str, dict[str, bool]]] = defaultdict(lambda: defaultdict(dict))
    rows = db.execute(
        select(PermissionGrant.space_id, PermissionGrant.permission, PermissionGrant.role, PermissionGrant.allowed)
    )
    for space_id, permission, role, allowed in rows:
        found[space_id][permission][role] = allowed
    return found


class Rights:
    """The changes of permissions as this process knows them."""

    def __init__(self, engine: Engine) -> None:
        self._kept: Kept[Changes] = Kept(engine, lambda connection, _number: read_changes(connection), first={})

    def changes(self, number: int) -> Changes:
        """The changes as they were at *number*, or later; one statement where this process does not know them yet.

        Number 0 means that nothing was ever changed.
        """
        return self._kept.at(number)
