"""What stands in the address of a search: the question and every filter. Read for the page and for saved searches."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyramid.request import Request

from plein.search.candidates import SORTS, STATES, Filters

#: Characters of the question that are shown again and kept in links.
LONGEST = 400
_LONGEST_FILTER = 200
#: The id of no space: one that this viewer does not know of has nothing to be found.
_NOWHERE = -1
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_NAMES = ("space", "type", "tag", "person", "since", "until", "state", "files", "sort")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it stands in an address, with what makes no sense left out."""

    text: str = ""
    space: str = ""
    type: str = ""
    tag: str = ""
    person: str = ""
    since: str = ""
    until: str = ""
    state: str = ""
    files: str = ""
    sort: str = ""

    def filters(self, spaces: Sequence[Any]) -> Filters:
        """The filters; *spaces* are rows with ``id`` and ``slug`` of those that the viewer knows of."""
        space_id = None
        if self.space:
            space_id = next((row.id for row in spaces if row.slug == self.space), _NOWHERE)
        return Filters(
            space_id=space_id,
            type_name=self.type,
            tag=self.tag,
            person=self.person,
            since=_day(self.since),
            until=_day(self.until),
            state=self.state,
            has_files=bool(self.files),
        )

    def question(self) -> dict[str, str]:
        """What stands in the address, without what is empty."""
        given = {"q": self.text} | {name: getattr(self, name) for name in _NAMES}
        return {name: value for name, value in given.items() if value}


def read(request: Request) -> Asked:
    """What the address of *request* asks."""
    return understand(request.GET, request.plugins.content_types)


def understand(given: Mapping[str, Any], types: Mapping[str, Any]) -> Asked:
    """What *given* asks: an address, or what was saved. A filter that no longer exists is left out."""
    typed = {name: _clean(given.get(name, ""), _LONGEST_FILTER) for name in _NAMES}
    known = {"type": types, "state": STATES, "sort": SORTS}
    typed |= {name: "" for name, values in known.items() if typed[name] not in values}
    typed |= {name: "" for name in ("since", "until") if _day(typed[name]) is None}
    typed["files"] = "1" if typed["files"] else ""
    return Asked(text=_clean(given.get("q", ""), LONGEST), **typed)


def _clean(value: Any, longest: int) -> str:
    return _CONTROL.sub(" ", value[: longest + 1] if isinstance(value, str) else "").strip()[:longest]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
