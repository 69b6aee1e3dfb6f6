"""What a source says of the fields that administrators declared, written in bulk."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from plein.directories import PersonRecord
from plein.people.directory_sync.batches import batches
from plein.people.group_rows import UNSYNCHRONIZED
from plein.people.profile_models import PersonField, PersonValue


class DeclaredValues:
    """The values that are there, of the fields that *records* say something about."""

    def __init__(self, db: Session, records: Iterable[PersonRecord]) -> None:
        self.db = db
        declared = select(PersonField.name, PersonField.id).where(PersonField.filled_by.in_(("directory", "both")))
        fields = {row.name: row.id for row in db.execute(declared)}
        said = {name for one in records for name in one.fields} & set(fields) if fields else set()
        self._fields = {name: fields[name] for name in said}
        self._there: dict[tuple[int, int], tuple[int, str]] = {}
        if said:
            rows = select(PersonValue.user_id, PersonValue.field_id, PersonValue.id, PersonValue.value)
            for row in db.execute(rows.where(PersonValue.field_id.in_(self._fields.values()))):
                self._there[row.user_id, row.field_id] = (row.id, row.value)

    def differing(self, user_id: int | None, one: PersonRecord) -> list[str]:
        """The names of fields that hold something else than the record says."""
        return [
            name
            for name, number in self._fields.items()
            if name in one.fields and one.fields[name] != self._there.get((user_id or 0, number), (0, ""))[1]
        ]

    def write(self, people: Mapping[int, PersonRecord]) -> None:
        """Store what differs, by the id of the account; an empty value is removed.

        Whom a value is shown to stays as the person chose it.
        """
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        gone: list[int] = []
        for user_id, one in people.items():
            for name in self.differing(user_id, one):
                number, _before = self._there.get((user_id, self._fields[name]), (0, ""))
                if not number:
                    new.append({"user_id": user_id, "field_id": self._fields[name], "value": one.fields[name]})
                elif one.fields[name]:
                    changed.append({"id": number, "value": one.fields[name]})
                else:
                    gone.append(number)
        for some in batches(gone):
            self.db.execute(delete(PersonValue).where(PersonValue.id.in_(some)), execution_options=UNSYNCHRONIZED)
        for rows in batches(changed):
            self.db.execute(update(PersonValue), rows)
        for rows in batches(new):
            self.db.execute(insert(PersonValue), rows)
