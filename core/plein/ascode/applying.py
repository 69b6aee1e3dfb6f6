"""The file as a whole: all sections read, and all of them made, with what that changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from plein.ascode.packages import PackagesSection
from plein.ascode.parts import PermissionsSection, RolloutsSection, RulesSection, SettingsSection
from plein.ascode.sections import Section, SectionError, Site

#: What the file says of its own form.
VERSION = 1

#: Every section, in the order in which they stand in the file and are made. A feature adds its own here.
SECTIONS: tuple[Section, ...] = (
    SettingsSection(),
    PermissionsSection(),
    RulesSection(),
    RolloutsSection(),
    PackagesSection(),
)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changes: where in the file, what it was and becomes; ``None`` for nothing."""

    place: str
    before: Any
    after: Any


def export(db: Session, site: Site) -> dict[str, Any]:
    """Everything as it is now."""
    return {"version": VERSION, **{one.name: one.read(db, site) for one in SECTIONS}}


def make(db: Session, site: Site, wanted: Mapping[str, Any]) -> list[Change]:
    """Make the site what *wanted* says, in the transaction of *db*; gives what changed.

    :raises SectionError: for what cannot be. Roll back then.
    """
    known = {one.name: one for one in SECTIONS}
    for name in wanted:
        if name not in known and name != "version":
            raise SectionError((name,), f"is unknown; known are {', '.join(known)}")
    if wanted.get("version", VERSION) != VERSION:
        raise SectionError(("version",), f"must be {VERSION}: this Plein reads no other")
    changes: list[Change] = []
    for name, section in known.items():
        if name in wanted:
            before = section.read(db, site)
            section.make(db, site, wanted[name])
            db.flush()
            changes += _differences(name, before, section.read(db, site))
    return changes


def _differences(place: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            yield from _differences(f"{place}: {name}", before.get(name), after.get(name))
        return
    if isinstance(before or {}, dict) and isinstance(after or {}, dict):
        yield from _differences(place, before or {}, after or {})
        return
    yield Change(place, before, after)
