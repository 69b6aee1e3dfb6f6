"""What a part of the file is, and the errors it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.policies import Policy
from plein.plugins import Plugins
from plein.settings import Settings
from plein.spaces.models import Space

#: Where in the file something stands: ``("settings", "plein.site_name")``.
Place = tuple[str, ...]


class SectionError(Exception):
    """What is wrong, in a sentence without its full stop, and where."""

    def __init__(self, place: Place, sentence: str) -> None:
        super().__init__(sentence)
        self.place, self.sentence = place, sentence


@dataclass(frozen=True, slots=True)
class Site:
    """What sections work with."""

    settings: Settings
    plugins: Plugins
    policies: Mapping[str, Policy]


class Section(Protocol):
    """One part of the file, under its *name*."""

    name: str

    def read(self, db: Session, site: Site) -> Any:
        """It as it is now: plain values, in an order that stays the same."""
        ...

    def make(self, db: Session, site: Site, wanted: Any) -> None:
        """Make it what *wanted* says. Doing that again changes nothing.

        :raises SectionError: for what cannot be; the caller takes back what was done then.
        """
        ...


def mapping(place: Place, value: Any) -> dict[str, Any]:
    """*value* where it is names with values; nothing counts as none.

    :raises SectionError: for something else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value):
        raise SectionError(place, "must be names with values below it")
    return value


def only(place: Place, value: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """:raises SectionError: for a name in *value* that is not one of *known*."""
    for word in value:
        if word not in known:
            raise SectionError((*place, word), f"is unknown; known are {', '.join(known)}")


def words(place: Place, value: Any) -> tuple[str, ...]:
    """*value* where it is a list of words; nothing counts as none.

    :raises SectionError: for something else.
    """
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SectionError(place, "must be a list of names")
    return tuple(value)


def space_ids(db: Session) -> dict[str, int]:
    """Every space by its address."""
    return {row[0]: row[1] for row in db.execute(select(Space.slug, Space.id))}


def space_id(known: Mapping[str, int], place: Place, slug: Any) -> int:
    """The number of the space *slug*.

    :raises SectionError: where there is none.
    """
    if slug not in known:
        raise SectionError(place, f"there is no space {slug}")
    return known[slug]
