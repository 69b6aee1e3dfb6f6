"""The people of a source: who is who, what changes, whose account closes and opens again, written in bulk.

Whom a source closed it may open again; whom people suspended it leaves suspended. An account that people made is filled
in by the source that knows its login, and never closed by it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.directories import PersonRecord
from plein.people.directory_sync.batches import batches
from plein.people.directory_sync.gathering import PROFILE
from plein.people.directory_sync.models import DirectoryPerson
from plein.people.directory_sync.of_values import DeclaredValues
from plein.people.directory_sync.report import REASONS, Change, Report
from plein.people.group_rows import UNSYNCHRONIZED
from plein.people.models import SignInLink, SignInSession, User
from plein.people.second_factor.models import PasskeyChallenge, PendingSignIn
from plein.people.words import index_people
from plein.web.folding import fold
from plein.web.i18n import _

#: Accounts that can still be closed.
_OPEN = ("active", "invited")
_COLUMNS = ("login", "name", "email", *PROFILE)


class PeopleSync:
    """Compares first, writes later: in between it is decided whether that may be.

    :ivar closing: how many accounts are to be closed.
    :ivar kept_before: how many open accounts the source had made.
    :ivar audited: what to record.
    """

    def __init__(self, db: Session, source: str, report: Report, local_only: frozenset[str]) -> None:
        self.db = db
        self.source = source
        self.report = report
        self.audited: list[tuple[str, str, int, dict[str, Any]]] = []
        self._local_only = local_only
        self._rows = self._read()
        self._by_login = {row.login: row for row in self._rows}
        self._logins: dict[int | None, str] = {row.id: row.login for row in self._rows}
        self._named: set[str] = set()
        self._otherwise: set[int] = set()
        mine = [row for row in self._rows if row.source == source]
        self._by_external = {row.external_id: row for row in mine}
        self.kept_before = sum(1 for row in mine if row.made and row.state in _OPEN)
        self._matched: dict[str, Any] = {}
        self._new: list[PersonRecord] = []
        self._changed: dict[int, dict[str, Any]] = {}
        self._closed: dict[int, str] = {}
        self._opened: set[int] = set()
        self._links: list[dict[str, Any]] = []
        self._renumbered: list[dict[str, Any]] = []
        self._missing: list[Any] = []
        self._ids: dict[str, int] = {}
        self._records: Mapping[str, PersonRecord] = {}

    @property
    def closing(self) -> int:
        return len(self._closed)

    def _read(self) -> list[Any]:
        """Every account with what keeps it: one statement, and a row of bounded size for each."""
        known = (DirectoryPerson.source, DirectoryPerson.external_id, DirectoryPerson.made, DirectoryPerson.closed_at)
        columns = (User.id, User.kind, User.state, User.is_admin, User.manager_id)
        values = [getattr(User, name) for name in _COLUMNS]
        rows = select(*columns, *values, *known).outerjoin(DirectoryPerson, DirectoryPerson.user_id == User.id)
        return list(self.db.execute(rows.order_by(User.id)))

    # -- comparing ----------------------------------------------------------------------------------------------------

    def compare(self, records: Mapping[str, PersonRecord], *, is_all: bool) -> None:
        """What is to be done; nothing is written.

        :param is_all: whether somebody who is not among *records* has left the source.
        """
        self._records = records
        self._values = DeclaredValues(self.db, records.values())
        leaving_logins = {
            row.login for key, one in records.items() if (row := self._by_external.get(key)) and row.login != one.login
        }
        logins = self._named = {one.login for one in records.values()}
        wanted_closed: list[tuple[Any, str]] = []
        for key, one in records.items():
            row, reason = self._whose(key, one, leaving_logins)
            if reason:
                self.report.add(Change("person", "skipped", one.login, one.name, reason))
            elif row is None:
                self._compare_new(one)
            else:
                self._matched[key] = row
                if not one.active and row.state in _OPEN:
                    wanted_closed.append((row, "inactive"))
                else:
                    self._compare_known(row, one)
        if is_all:
            for key, row in self._by_external.items():
                if key not in records and not (row.external_id == row.login and row.login in logins):
                    self._missing.append(row)
                    if row.state in _OPEN:
                        wanted_closed.append((row, "missing"))
        self._decide_closed(wanted_closed)

    def _whose(self, key: str, one: PersonRecord, leaving: set[str]) -> tuple[Any, str]:
        """The account that a record is of, and why it is left alone where it is."""
        row = self._by_external.get(key)
        holder = self._by_login.get(one.login)
        if row is None and holder is not None and holder.login not in leaving:
            if holder.source not in (None, self.source):
                return holder, "other_source"
            if holder.source == self.source and holder.external_id != holder.login:
                # The source knows the one who had this login as somebody else.
                return holder, "login_given_out"
            row = holder
        elif row is not None and holder is not None and holder.id != row.id and holder.login not in leaving:
            return row, "login_given_out"
        if row is None:
            return None, "local" if one.login in self._local_only else ""
        if row.kind == "guest":
            return row, "guest"
        if row.login in self._local_only or one.login in self._local_only:
            return row, "local"
        return row, ""

    def _compare_new(self, one: PersonRecord) -> None:
        if one.active:
            self._new.append(one)
            self.report.add(Change("person", "new", one.login, one.name))

    def _compare_known(self, row: Any, one: PersonRecord) -> None:
        wanted = {"login": one.login, "name": one.name, **one.fields}
        if one.email is not None:
            wanted["email"] = one.email
        fields = [name for name in _COLUMNS if name in wanted and getattr(row, name) != wanted[name]]
        values = {name: wanted.get(name, getattr(row, name)) for name in _COLUMNS}
        others = [*self._values.differing(row.id, one), *self._other_manager(row, one)]
        self._tie(row, one)
        back = row.closed_at is not None and one.active and row.state == "left"
        if back:
            self._opened.add(row.id)
            self.report.add(Change("person", "reactivated", one.login, one.name, "back", (*fields, *others)))
        elif fields or others:
            self.report.add(Change("person", "changed", one.login, one.name, "", (*fields, *others)))
        else:
            self.report.unchanged("person")
        if others:
            self._otherwise.add(row.id)
        if fields or others:
            self.audited.append(("account.changed", "user", row.id, {"fields": [*fields, *others]}))
        if fields:
            self._changed[row.id] = {"id": row.id, **values, "sort_name": fold(values["name"])}

    def _other_manager(self, row: Any, one: PersonRecord) -> list[str]:
        if one.manager is None or one.manager == self._logins.get(row.manager_id, ""):
            return []
        is_known = not one.manager or one.manager in self._by_login or one.manager in self._named
        return ["manager"] if (is_known and one.manager != one.login) or row.manager_id is not None else []

    def _tie(self, row: Any, one: PersonRecord) -> None:
        """Remember what the source calls an account that it did not know by that."""
        if row.source is None:
            self._links.append({"user_id": row.id, "source": self.source, "external_id": one.id, "made": False})
            self.audited.append(("account.tied", "user", row.id, {}))
        elif row.external_id != one.id:
            self._renumbered.append({"user_id": row.id, "external_id": one.id})

    def _decide_closed(self, wanted: list[tuple[Any, str]]) -> None:
        """Who of those is really closed: nobody who was made by hand, and never the last administrator."""
        going = {row.id for row, _reason in wanted if row.made}
        stays = any(row.is_admin and row.state == "active" and row.id not in going for row in self._rows)
        for row, reason in wanted:
            kept = "by_hand" if not row.made else "last_admin" if row.is_admin and not stays else ""
            if kept:
                self.report.add(Change("person", "kept", row.login, row.name, kept))
            else:
                self._closed[row.id] = reason
                self.report.add(Change("person", "deactivated", row.login, row.name, reason))

    # -- writing ------------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write all of it, but for who is in which group."""
        self._close()
        self._open()
        self._change()
        self._insert()
        self._write_managers()
        self._values.write({self._ids[key]: one for key, one in self._records.items() if key in self._ids})
        index_people(self.db, {*self._changed, *self._otherwise, *(self._ids[one.id] for one in self._new)})

    def ids_in_groups(self) -> dict[str, set[int]]:
        """By what the source calls a group: who is in it. Under the empty name: everybody it says something about."""
        found: dict[str, set[int]] = {"": {row.id for row in self._missing} | set(self._closed)}
        for key, one in self._records.items():
            number = self._ids.get(key)
            if number is None or one.groups is None or number in self._closed:
                continue
            found[""].add(number)
            for group in one.groups:
                found.setdefault(group, set()).add(number)
        return found

    def _close(self) -> None:
        now = utcnow()
        for some in batches(sorted(self._closed)):
            self.db.execute(
                update(User),
                [
                    {"id": one, "state": "left", "left_at": now, "state_reason": str(REASONS[self._closed[one]])}
                    for one in some
                ],
            )
            self.db.execute(update(DirectoryPerson), [{"user_id": one, "closed_at": now} for one in some])
            for table in (SignInSession, SignInLink, PendingSignIn, PasskeyChallenge):
                self.db.execute(delete(table).where(table.user_id.in_(some)), execution_options=UNSYNCHRONIZED)
        self.audited += [("account.left", "user", one, {"reason": why}) for one, why in self._closed.items()]

    def _open(self) -> None:
        for some in batches(sorted(self._opened)):
            back = {"state": "active", "left_at": None, "state_reason": ""}
            self.db.execute(update(User), [{"id": one, **back} for one in some])
            self.db.execute(update(DirectoryPerson), [{"user_id": one, "closed_at": None} for one in some])
        self.audited += [("account.restored", "user", one, {}) for one in sorted(self._opened)]

    def _change(self) -> None:
        logins = {row.id: row.login for row in self._rows if row.id in self._changed}
        moving = [one for one, values in self._changed.items() if values["login"] != logins[one]]
        if moving:
            # Out of the way first, as nobody can be called: one may get the login that another gives up.
            self.db.execute(update(User), [{"id": one, "login": f"-{one}"} for one in moving])
        for rows in batches(self._changed.values()):
            self.db.execute(update(User), rows)
        for rows in batches(self._renumbered):
            self.db.execute(update(DirectoryPerson), rows)

    def _insert(self) -> None:
        for some in batches(self._new):
            self.db.execute(insert(User), [_row(one) for one in some])
        numbers: dict[str, int] = {}
        for logins in batches(one.login for one in self._new):
            numbers.update((login, number) for login, number in self.db.execute(
                select(User.login, User.id).where(User.login.in_(logins))
            ))  # fmt: skip
        self._ids = {key: row.id for key, row in self._matched.items()}
        self._ids |= {one.id: numbers[one.login] for one in self._new}
        self._links += [
            {"user_id": self._ids[one.id], "source": self.source, "external_id": one.id, "made": True}
            for one in self._new
        ]
        for rows in batches(self._links):
            self.db.execute(insert(DirectoryPerson), rows)
        self.audited += [("account.created", "user", self._ids[one.id], {}) for one in self._new]

    def _write_managers(self) -> None:
        """Managers by login, when everybody is there. Somebody unknown is nobody, and is remarked."""
        before = {row.id: row.manager_id for row in self._rows}
        logins = {row.login: row.id for row in self._rows}
        logins |= {one.login: self._ids[key] for key, one in self._records.items() if key in self._ids}
        changed = []
        for key, one in self._records.items():
            if one.manager is None or key not in self._ids:
                continue
            number, manager = self._ids[key], logins.get(one.manager) if one.manager else None
            if one.manager and (manager is None or manager == number):
                self.report.remark(_("${manager}, the manager of ${login}, is not known or is that person.",
                                     mapping={"manager": one.manager, "login": one.login}), one.line)  # fmt: skip
                manager = None
            if manager != before.get(number):
                changed.append({"id": number, "manager_id": manager})
        for rows in batches(changed):
            self.db.execute(update(User), rows)


def _row(one: PersonRecord) -> dict[str, Any]:
    return {
        "uid": str(uuid4()),
        "login": one.login,
        "name": one.name,
        "sort_name": fold(one.name),
        "email": one.email or "",
        **{name: one.fields.get(name, "") for name in PROFILE},
    }
