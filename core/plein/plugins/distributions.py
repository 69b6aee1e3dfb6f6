"""What a plugin's distribution says of itself in its metadata. Nothing of it is imported."""

import importlib.metadata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement


@dataclass(frozen=True, slots=True)
class Distribution:
    """:param readme: as Markdown. :param requires: its requirements, each a line."""

    summary: str = ""
    licence: str = ""
    readme: str = ""
    requires: tuple[str, ...] = ()


def distribution(name: str) -> Distribution:
    """What the distribution *name* says; empty where there is none, as for a plugin of a test."""
    try:
        found = importlib.metadata.distribution(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return Distribution()
    said: Any = found.metadata
    summary, licence = said.get("Summary") or "", said.get("License-Expression") or said.get("License") or ""
    readme = said.get_payload() or said.get("Description") or ""
    return Distribution("" if summary == "UNKNOWN" else summary, licence, str(readme), tuple(found.requires or ()))


def requirements(lines: Iterable[str]) -> Iterator[Requirement]:
    """*lines* as requirements. One that cannot be read is the installer's business, and passed over."""
    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def applies(requirement: Requirement) -> bool:
    """Whether it holds on this machine, without extras."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
