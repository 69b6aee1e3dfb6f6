"""Which roles have a permission: what it declares, as administrators changed it for the site and managers for a space.

Changes are rows. Each process keeps them all, with the number of the change that they belong to; that number comes
with the viewer of each request, so that a change holds on the next request in every process, without a statement more.
"""

from collections import defaultdict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from sqlalchemy import Engine, Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plein.contributions import Permission
from plein.security.models import PermissionGrant, Stamp

STAMP = "rights"

#: space (``None`` for the site) → permission → role → allowed
Changes = Mapping[int | None, Mapping[str, Mapping[str, bool]]]


def current_stamp() -> Select[Any]:
    """The number of the last change of permissions; put into the statement that finds the viewer."""
    return select(Stamp.number).where(Stamp.name == STAMP)


def bump(db: Session, name: str = STAMP) -> None:
    """Say that permissions (or what another stamp is of) changed, in the same transaction as the change.

    Until that ends, whoever bumps the same stamp waits: it is a lock that both databases have.
    """
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Stamp).values(name=name, number=1)
    db.execute(
        statement.on_conflict_do_update(index_elements=[Stamp.name], set_={"number": Stamp.number + 1}),
        execution_options={"synchronize_session": False},
    )


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
        self._engine = engine
        self._lock = Lock()
        self._kept: tuple[int, Changes] = (0, {})

    def changes(self, number: int) -> Changes:
        """The changes as they were at *number*, or later; one statement where this process does not know them yet.

        Number 0 means that nothing was ever changed.
        """
        kept = self._kept
        if kept[0] >= number:
            return kept[1]
        with self._lock:
            if self._kept[0] < number:
                with self._engine.connect() as connection:
                    # The number first: what changes in between is then read again.
                    read = connection.execute(current_stamp()).scalar() or 0
                    self._kept = (read, read_changes(connection))
            return self._kept[1]
