"""The table of permissions: who may do what by default, for the whole site or in one space, and changing that.

A cell is a permission and a role. What is stored are the cells that somebody changed; without a row a cell is as the
place above says: a space follows the site, the site follows what the permission declares. Each change is one entry in
the audit log, and can be put back from there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from plein.audit import record
from plein.audit.models import AuditEntry
from plein.contributions import SITE_ROLES, SPACE_ROLES, Permission
from plein.security.models import PermissionGrant
from plein.security.rights import bump
from plein.web.i18n import _

#: (permission, role)
Key = tuple[str, str]
#: What a cell is set to: allowed, refused, or ``None`` for as the place above says.
Value = bool | None

#: Shown beside the table, and looked through for what is to be put back.
HISTORY = 20

READS = _("Follows from who can see the space and the page. That is decided there.")
KEEPS = _("Managers always have this: without it nobody could give it back.")
STAYS = _("Stays with administrators: whoever has it could give themselves everything.")
TOO_MANY = _("Too much for everybody: give it to a role.")

#: Without these a space could not be put right from its own pages.
_OF_MANAGERS = frozenset({"space.manage", "space.members"})
_OF_ADMINISTRATORS = "permission.change"


class MatrixError(ValueError):
    """A cell that does not exist, or cannot be changed; says which and why, in English, for the command line."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, as it is in its place.

    :param allowed: whether the role may.
    :param standard: what it is without a change here.
    :param is_changed: whether it was set here.
    :param fixed: why it cannot be changed; empty where it can.
    """

    permission: str
    role: str
    allowed: bool
    standard: bool
    is_changed: bool
    fixed: Any = ""

    @property
    def key(self) -> str:
        return f"{self.permission}:{self.role}"


@dataclass(frozen=True, slots=True)
class Row:
    """A permission and its cells, in the order of the roles."""

    permission: Permission
    cells: tuple[Cell, ...]

    @property
    def is_changed(self) -> bool:
        return any(cell.is_changed for cell in self.cells)

    @property
    def reasons(self) -> list[Any]:
        """Why cells of it cannot be changed, each once; what goes without saying stands in the cell alone."""
        return list(dict.fromkeys(cell.fixed for cell in self.cells if cell.fixed and cell.fixed != TOO_MANY))


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that was changed: what its row said before and after."""

    permission: str
    role: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Past:
    """A change as it stands in the audit log."""

    number: int
    at: Any
    actor_id: int | None
    change: str
    cells: tuple[Change, ...]


def fixed(permission: Permission, role: str) -> Any:
    """Why the cell cannot be changed; empty where it can."""
    if permission.effect == "read":
        return READS
    if permission.name in _OF_MANAGERS and role == "manager":
        return KEEPS
    if permission.name == _OF_ADMINISTRATORS:
        return STAYS
    if permission.effect == "manage" and role in ("everyone", "visitor"):
        return TOO_MANY
    return ""


class Matrix:
    """The table of a place: the whole site, or the space *space_id*. Never commits.

    :ivar latest: the name of the last change that was made here, to put it back by.
    """

    def __init__(self, db: Session, permissions: Mapping[str, Permission], space_id: int | None = None) -> None:
        self.db = db
        self.space_id = space_id
        self.latest = ""
        self.permissions = {name: one for name, one in permissions.items() if space_id is None or one.scope == "space"}
        self._read()

    def _read(self) -> None:
        places = or_(PermissionGrant.space_id.is_(None), PermissionGrant.space_id == self.space_id)
        columns = (PermissionGrant.space_id, PermissionGrant.permission, PermissionGrant.role, PermissionGrant.allowed)
        self._site: dict[Key, bool] = {}
        self._here: dict[Key, bool] = {}
        for space_id, permission, role, allowed in self.db.execute(select(*columns).where(places)):
            (self._here if space_id == self.space_id else self._site)[permission, role] = allowed

    def rows(self, scope: str) -> Iterator[Row]:
        """The permissions of *scope* (``site`` or ``space``) in the order in which they were declared."""
        roles = SITE_ROLES if scope == "site" else SPACE_ROLES
        for permission in self.permissions.values():
            if permission.scope == scope:
                yield Row(permission, tuple(self.cell(permission.name, role) for role in roles))

    def cell(self, permission: str, role: str) -> Cell:
        """One cell.

        :raises MatrixError: for a permission or role that does not exist here.
        """
        declared = self.permissions.get(permission)
        if declared is None:
            raise MatrixError(f"There is no permission {permission} here.")
        if role not in (SITE_ROLES if declared.scope == "site" else SPACE_ROLES):
            raise MatrixError(f"The permission {permission} is not about the role {role}.")
        why, standard = fixed(declared, role), role in declared.roles
        if why:
            # What everybody has the others have too: a cross there would say the opposite.
            standard = standard or (declared.scope == "site" and "everyone" in declared.roles)
            return Cell(permission, role, standard, standard, False, why)
        key = (permission, role)
        standard = self._site.get(key, standard)
        return Cell(permission, role, self._here.get(key, standard), standard, key in self._here)

    @property
    def changed(self) -> dict[Key, bool]:
        """The cells that were changed here, of plugins that are gone too."""
        return dict(self._here)

    def change(self, wanted: Mapping[Key, Value]) -> list[Change]:
        """Set cells: to allowed, refused or ``None``; give those that really changed.

        Nobody's change is lost: only these cells are touched, and two who change at once wait for each other.

        :raises MatrixError: for a cell that does not exist, or cannot be changed. Nothing is changed then.
        """
        if not self._due(wanted):
            return []
        # Whoever came first has committed after this; then what they did is known.
        bump(self.db)
        self._read()
        changes = self._due(wanted)
        for one in changes:
            self._store(one)
        if changes:
            self._read()
            cells = [[one.permission, one.role, one.before, one.after] for one in changes]
            self.latest = uuid4().hex
            record(self.db, "permission.changed", "permission", self.place, change=self.latest, cells=cells)
        return changes

    @property
    def place(self) -> str:
        """What the audit log calls it."""
        return "site" if self.space_id is None else str(self.space_id)

    def _due(self, wanted: Mapping[Key, Value]) -> list[Change]:
        due = []
        for (permission, role), value in wanted.items():
            before = self._here.get((permission, role))
            if value is None and permission not in self.permissions:
                # What a plugin left behind that is gone can be tidied.
                after = None
            else:
                cell = self.cell(permission, role)
                if cell.fixed:
                    raise MatrixError(f"The cell {permission} of {role} cannot be changed.")
                after = None if value is None or value == cell.standard else value
            if before != after:
                due.append(Change(permission, role, before, after))
        return due

    def _store(self, change: Change) -> None:
        here = (
            PermissionGrant.space_id.is_not_distinct_from(self.space_id),
            PermissionGrant.permission == change.permission,
            PermissionGrant.role == change.role,
        )
        if change.after is None:
            self.db.execute(delete(PermissionGrant).where(*here))
        elif change.before is None:
            values = {"permission": change.permission, "role": change.role, "allowed": change.after}
            self.db.execute(insert(PermissionGrant).values(space_id=self.space_id, **values))
        else:
            self.db.execute(update(PermissionGrant).where(*here).values(allowed=change.after))

    def to_reset(self, permission: str = "", role: str = "") -> dict[Key, Value]:
        """What to change to have one cell, a permission or everything as it is without changes here."""
        return {key: None for key in self._here if permission in ("", key[0]) and role in ("", key[1])}

    def to_save(self, was: Iterable[str], ticked: Iterable[str]) -> dict[Key, Value]:
        """What to change by a form: the cells that were allowed when it was made, and those that are ticked now.

        Only cells in which these differ, so that what somebody else changed meanwhile stays.
        """
        before, after = set(was), set(ticked)
        return {
            (cell.permission, cell.role): cell.key in after
            for cell in self._open_cells()
            if (cell.key in before) != (cell.key in after)
        }

    def allowed(self) -> set[str]:
        """The keys of the cells that are allowed and can be changed: what a form remembers."""
        return {cell.key for cell in self._open_cells() if cell.allowed}

    def _open_cells(self) -> Iterator[Cell]:
        for row in (*self.rows("site"), *self.rows("space")):
            yield from (cell for cell in row.cells if not cell.fixed)

    def history(self) -> list[Past]:
        """The last changes here, newest first, of the audit log."""
        found = (
            select(AuditEntry.number, AuditEntry.at, AuditEntry.actor_id, AuditEntry.details)
            .where(
                AuditEntry.object_type == "permission",
                AuditEntry.object_id == self.place,
                AuditEntry.action == "permission.changed",
            )
            .order_by(AuditEntry.number.desc())
            .limit(HISTORY)
        )
        return [
            Past(number, at, actor_id, details["change"], tuple(Change(*cell) for cell in details["cells"]))
            for number, at, actor_id, details in self.db.execute(found)
        ]

    def put_back(self, change: str) -> list[Change]:
        """Undo one of :meth:`history`: its cells become what they were before it.

        :raises MatrixError: where it is not, or no longer, among them.
        """
        past = next((one for one in self.history() if one.change == change), None)
        if past is None:
            raise MatrixError("This change is no longer in the history.")
        known = {cell for cell in past.cells if cell.permission in self.permissions}
        return self.change({(cell.permission, cell.role): cell.before for cell in known})
