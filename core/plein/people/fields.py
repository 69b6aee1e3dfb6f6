"""Fields of profiles that administrators declare: what they hold, who fills them, who sees them, and their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.audit import record
from plein.people.models import User
from plein.people.profile_models import LEVELS, PersonField, PersonValue
from plein.people.words import index_people
from plein.web.i18n import _
from plein.web.slugs import slugify

MAX_FIELDS = 40
MAX_TEXT = 200
MAX_LONG = 4_000

KIND_NAMES: Mapping[str, TranslationString] = {
    "text": _("Line of text"),
    "long": _("Longer text"),
    "link": _("Link"),
    "choice": _("Choice from a list"),
    "date": _("Date"),
    "yes_no": _("Yes or no"),
}
FILLER_NAMES: Mapping[str, TranslationString] = {
    "person": _("Everybody for themselves"),
    "directory": _("People managers and the directory"),
    "both": _("Both"),
}
LEVEL_NAMES: Mapping[str, TranslationString] = {
    "colleagues": _("All colleagues"),
    "shared": _("People I share a space with, guests too"),
    "managers": _("My manager and people managers"),
}
#: Kinds whose values people can be filtered by.
FILTERED = ("text", "choice")


class TooManyFields(ValueError):
    """A profile with more fields is read by nobody."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a field holds for one person, and whom it is shown to."""

    field: PersonField
    value: str
    level: str


class FieldService:
    """Declared fields. Never commits."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def all(self) -> Sequence[PersonField]:
        """Every field, in the order of the profile."""
        return self.db.scalars(select(PersonField).order_by(PersonField.position, PersonField.id)).all()

    def find(self, name: str) -> PersonField | None:
        return self.db.scalar(select(PersonField).where(PersonField.name == name))

    def count_values(self, field: PersonField) -> int:
        """How many people have it filled in."""
        found = select(func.count(PersonValue.id)).where(PersonValue.field_id == field.id)
        return self.db.scalar(found) or 0

    def create(self, values: Mapping[str, Any]) -> PersonField:
        """A new field, below the others.

        :raises TooManyFields: when there are :data:`MAX_FIELDS`.
        """
        existing = self.all()
        if len(existing) >= MAX_FIELDS:
            raise TooManyFields
        taken, base = {field.name for field in existing}, slugify(values["title"])
        name = next(name for name in (base, *(f"{base}-{n}" for n in range(2, MAX_FIELDS + 2))) if name not in taken)
        field = PersonField(name=name, position=max((one.position for one in existing), default=0) + 1, **values)
        self.db.add(field)
        self.db.flush()
        record(self.db, "person_field.created", "person_field", field.id, kind=field.kind, level=field.level)
        return field

    def change(self, field: PersonField, values: Mapping[str, Any]) -> None:
        """Change a field; what people may be found by follows."""
        before = field.level, field.may_choose
        for name, value in values.items():
            setattr(field, name, value)
        self.db.flush()
        record(
            self.db,
            "person_field.changed",
            "person_field",
            field.id,
            before=list(before),
            after=[field.level, field.may_choose],
        )
        self._index_again(field)

    def delete(self, field: PersonField) -> None:
        """Remove a field and what everybody filled in."""
        ids = self._people_with(field)
        record(self.db, "person_field.deleted", "person_field", field.id, people=len(ids))
        self.db.delete(field)
        self.db.flush()
        index_people(self.db, ids)

    def move(self, field: PersonField, step: int) -> None:
        """Put a field before (-1) or after (1) its neighbour."""
        order = list(self.all())
        place = order.index(field)
        order.insert(min(max(place + step, 0), len(order) - 1), order.pop(place))
        for position, one in enumerate(order):
            one.position = position
        self.db.flush()

    def values(self, user_id: int) -> list[Value]:
        """Every field with what it holds for this person, empty where nothing. One statement."""
        rows = self.db.execute(
            select(PersonField, PersonValue.value, PersonValue.level)
            .outerjoin(PersonValue, (PersonValue.field_id == PersonField.id) & (PersonValue.user_id == user_id))
            .order_by(PersonField.position, PersonField.id)
        )
        return [
            Value(field, value or "", level if field.may_choose and level else field.level)
            for field, value, level in rows
        ]

    def fill(self, user: User, given: Mapping[int, tuple[str, str]]) -> list[str]:
        """Store values with their levels by the field's id; an empty value is removed. Gives the names that changed.

        Checked before, by :func:`parse_values`.
        """
        kept = {
            value.field_id: value
            for value in self.db.scalars(select(PersonValue).where(PersonValue.user_id == user.id))
        }
        changed = []
        for field in self.all():
            if field.id not in given:
                continue
            value, level = given[field.id]
            old = kept.get(field.id)
            if (old.value, old.level) == (value, level) if old else not value:
                continue
            changed.append(field.name)
            if old is not None and not value:
                self.db.execute(delete(PersonValue).where(PersonValue.id == old.id))
            elif old is not None:
                old.value, old.level = value, level
            else:
                self.db.add(PersonValue(user_id=user.id, field_id=field.id, value=value, level=level))
        self.db.flush()
        if changed:
            index_people(self.db, [user.id])
        return changed

    def _people_with(self, field: PersonField) -> list[int]:
        return list(self.db.scalars(select(PersonValue.user_id).where(PersonValue.field_id == field.id)))

    def _index_again(self, field: PersonField) -> None:
        index_people(self.db, self._people_with(field))


def field_name(field: PersonField) -> str:
    """What the value is called in a form."""
    return f"field-{field.id}"


def level_name(field: PersonField) -> str:
    """What the choice of who sees it is called in a form."""
    return f"level-{field.id}"


def may_fill(field: PersonField, *, as_manager: bool) -> bool:
    """Whether a person fills it in for themselves, or a people manager for anybody."""
    return as_manager or field.filled_by in ("person", "both")


def parse_values(
    fields: Sequence[PersonField], data: Mapping[str, Any], *, as_manager: bool
) -> tuple[dict[int, tuple[str, str]], dict[str, TranslationString]]:
    """What was typed into declared fields, by the field's id, as value and level; and a sentence for each mistake.

    Fields that whoever typed may not fill are left out.
    """
    given: dict[int, tuple[str, str]] = {}
    errors: dict[str, TranslationString] = {}
    for field in fields:
        if not may_fill(field, as_manager=as_manager):
            continue
        text = data.get(field_name(field), "")
        value, error = _checked(field, text if isinstance(text, str) else "")
        if error is not None:
            errors[field_name(field)] = error
        level = data.get(level_name(field), "")
        given[field.id] = (value, level if field.may_choose and level in LEVELS else "")
    return given, errors


def _checked(field: PersonField, text: str) -> tuple[str, TranslationString | None]:
    if "\0" in text:
        return "", _("This contains a character that cannot be stored.")
    text = text.replace("\r\n", "\n").strip() if field.kind == "long" else " ".join(text.split())
    if not text:
        return "", None
    limit = MAX_LONG if field.kind == "long" else MAX_TEXT
    if len(text) > limit:
        return text, _("This is too long: at most ${count} characters.", mapping={"count": limit})
    if field.kind == "link" and not _is_link(text):
        return text, _("Give a whole address, such as https://example.nl.")
    if field.kind == "choice" and text not in field.choices:
        return text, _("Choose one of the options.")
    if field.kind == "date" and not _is_date(text):
        return text, _("This must be a date.")
    if field.kind == "yes_no" and text not in ("yes", "no"):
        return text, _("Choose yes or no.")
    return text, None


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(sign.isspace() for sign in text)
    except ValueError:
        return False


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
