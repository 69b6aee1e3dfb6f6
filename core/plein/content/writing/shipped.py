"""The templates that Plein brings, as Markdown files in ``starters``, Dutch and English.

A file begins with lines ``word: value`` and an empty line. They become rows that managers change as they like.
"""

from collections.abc import Collection
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from plein.content.writing import templates
from plein.content.writing.templates import Written
from plein.spaces.models import Space

_FOLDER = Path(__file__).parent / "starters"
#: What they are templates of, where that is installed.
TYPE = "wiki.page"
NAMES = ("meeting", "decision", "how-to", "project", "onboarding")
#: Those that a space begins with, by the template of spaces that it starts from; all where that is one's own.
FOR_SPACES = {
    "team": ("meeting", "how-to", "onboarding"),
    "project": ("project", "decision", "meeting"),
    "network": ("how-to", "meeting"),
}


@cache
def read(name: str, language: str) -> Written:
    """A template that Plein brings, in ``nl`` or else in ``en``."""
    text = (_FOLDER / f"{name}.{'nl' if language == 'nl' else 'en'}.md").read_text(encoding="utf-8")
    head, _blank, body = text.partition("\n\n")
    values = dict(line.split(": ", 1) for line in head.splitlines())
    return Written(
        type=TYPE,
        name=values["name"],
        description=values["description"],
        title=values.get("title", ""),
        body=body.strip("\n"),
        tags=tuple(one.strip() for one in values.get("tags", "").split(",") if one.strip()),
        required=tuple(one.strip() for one in values.get("required", "").split("|") if one.strip()),
        position=NAMES.index(name),
    )


def add(db: Session, space: Space | None, language: str, types: Collection[str], start: str | None = None) -> int:
    """Add those that are not there yet, by name, to a space or for all; how many that were.

    :param start: the template of spaces that the space starts from.
    """
    if TYPE not in types:
        return 0
    there = {row.name for row in templates.of_place(db, space.id if space is not None else None)}
    names = FOR_SPACES.get(start, NAMES) if start is not None else NAMES
    wanted = [read(name, language) for name in names]
    missing = [one for one in wanted if one.name not in there]
    for one in missing:
        templates.save(db, space, one)
    return len(missing)
