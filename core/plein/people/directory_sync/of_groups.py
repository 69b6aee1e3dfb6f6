"""The groups of a source: made, renamed, nested, filled and emptied in bulk."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, insert, select, tuple_, update
from sqlalchemy.orm import Session

from plein.directories import GroupRecord
from plein.people.directory_sync.batches import BATCH, batches
from plein.people.directory_sync.report import Change, Report
from plein.people.group_rows import UNSYNCHRONIZED, recompute
from plein.people.groups import fold_name, free_slug
from plein.people.models import Group, GroupChild, GroupMember


class GroupSync:
    """Compares first, writes later: in between it is decided whether that may be.

    :ivar emptying: how many groups lose everybody because the source does not have them any more.
    :ivar kept_before: how many groups of the source there were.
    :ivar audited: what to record.
    """

    def __init__(self, db: Session, source: str, report: Report) -> None:
        self.db = db
        self.source = source
        self.report = report
        self.emptying = 0
        self.audited: list[tuple[str, str, int, dict[str, Any]]] = []
        self._ids: dict[str, int] = {}
        self._records: Mapping[str, GroupRecord] = {}
        self._new: list[GroupRecord] = []
        self._changed: list[dict[str, Any]] = []
        self._emptied: list[int] = []
        rows = db.execute(
            select(Group.id, Group.external_id, Group.name, Group.kind, Group.description).where(Group.source == source)
        )
        self._there = {str(row.external_id): row for row in rows}
        self._ids = {key: row.id for key, row in self._there.items()}
        mine = list(self._ids.values())
        self._members = self._pairs(GroupMember.group_id, GroupMember.user_id, mine)
        self._nested = self._pairs(GroupChild.parent_id, GroupChild.child_id, mine)
        #: groups that somebody was in: those that emptied before do not count again
        self._filled = {group for group, _one in (*self._members, *self._nested)}
        self.kept_before = len(self._filled)

    def _pairs(self, first: Any, second: Any, ids: list[int]) -> set[tuple[int, int]]:
        found: set[tuple[int, int]] = set()
        for some in batches(ids):
            found.update((one, other) for one, other in self.db.execute(select(first, second).where(first.in_(some))))
        return found

    def compare(self, records: Mapping[str, GroupRecord], *, is_all: bool) -> None:
        """What is to be done; nothing is written.

        :param is_all: whether a group that is not among *records* is gone from the source.
        """
        self._records = records
        for key, one in records.items():
            row = self._there.get(key)
            if row is None:
                self._new.append(one)
                self.report.add(Change("group", "new", key, one.name))
                continue
            wanted = {"name": one.name, "kind": one.kind}
            if one.description is not None:
                wanted["description"] = one.description
            fields = tuple(name for name, value in wanted.items() if getattr(row, name) != value)
            if fields:
                self._changed.append({"id": row.id, **wanted, "sort_name": fold_name(one.name)})
                self.audited.append(("group.changed", "group", row.id, {"fields": list(fields)}))
                self.report.add(Change("group", "changed", key, one.name, fields=fields))
            else:
                self.report.unchanged("group")
        for key, row in self._there.items():
            if is_all and key not in records and row.id in self._filled:
                self._emptied.append(row.id)
                self.emptying += 1
                self.report.add(Change("group", "emptied", key, row.name, "missing"))

    def write(self, people: Mapping[str, set[int]]) -> None:
        """Write all of it, and who is in which group.

        :param people: by the group's id in the source, the ids of accounts; a person who is not in here at all stays
            where they are.
        """
        self._insert()
        for rows in batches(self._changed):
            self.db.execute(update(Group), rows)
        touched = self._write_nesting() | self._write_members(people)
        if touched:
            recompute(self.db, sorted(touched) if len(touched) <= BATCH else None)

    def _insert(self) -> None:
        taken = set(self.db.scalars(select(Group.slug))) if self._new else set()
        rows = []
        for one in self._new:
            slug = free_slug(one.name, taken)
            taken.add(slug)
            rows.append(
                {
                    "uid": str(uuid4()), "slug": slug, "name": one.name, "sort_name": fold_name(one.name),
                    "kind": one.kind, "description": one.description or "", "source": self.source,
                    "external_id": one.id,
                }
            )  # fmt: skip
        for some in batches(rows):
            self.db.execute(insert(Group), some)
        if rows:
            made = self.db.execute(select(Group.external_id, Group.id).where(Group.source == self.source))
            self._ids = {str(key): number for key, number in made}
            self.audited += [("group.created", "group", self._ids[one.id], {"kind": one.kind}) for one in self._new]

    def _write_nesting(self) -> set[int]:
        """Nesting as the source has it: only of groups whose place it says something about."""
        spoken = {self._ids[key] for key, one in self._records.items() if one.parent is not None}
        wanted = {(self._ids[one.parent], self._ids[key]) for key, one in self._records.items() if one.parent}
        emptied = set(self._emptied)
        mine = set(self._ids.values())
        gone = {
            (above, below)
            for above, below in self._nested
            if above in emptied or (below in spoken and below in mine and (above, below) not in wanted)
        }
        return self._exchange(GroupChild, ("parent_id", "child_id"), gone, wanted - self._nested)

    def _write_members(self, people: Mapping[str, set[int]]) -> set[int]:
        wanted = {(self._ids[key], person) for key, ids in people.items() if key for person in ids}
        #: whom the source says something about
        spoken = people.get("", set())
        emptied = set(self._emptied)
        gone = {pair for pair in self._members if pair[0] in emptied or (pair[1] in spoken and pair not in wanted)}
        touched = self._exchange(GroupMember, ("group_id", "user_id"), gone, wanted - self._members)
        self._audit_members(gone, wanted - self._members)
        return touched

    def _audit_members(self, gone: set[tuple[int, int]], new: set[tuple[int, int]]) -> None:
        """One entry for each group: who came and who went."""
        numbers: dict[int, tuple[list[int], list[int]]] = {}
        for place, pairs in enumerate((new, gone)):
            for group, person in sorted(pairs):
                numbers.setdefault(group, ([], []))[place].append(person)
        self.audited += [
            ("group.people_changed", "group", group, {"added": added, "removed": removed})
            for group, (added, removed) in sorted(numbers.items())
        ]

    def _exchange(
        self, table: Any, names: tuple[str, str], gone: set[tuple[int, int]], new: set[tuple[int, int]]
    ) -> set[int]:
        """Delete and insert pairs; the first of each is the group that changed."""
        key = tuple_(*(getattr(table, name) for name in names))
        for some in batches(sorted(gone)):
            self.db.execute(delete(table).where(key.in_(some)), execution_options=UNSYNCHRONIZED)
        for pairs in batches(sorted(new)):
            self.db.execute(insert(table), [dict(zip(names, pair, strict=True)) for pair in pairs])
        return {pair[0] for pair in (*gone, *new)}
