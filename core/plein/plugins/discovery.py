"""Finds installed plugins by their entry points, and imports them once they have been checked."""

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plein.plugins.errors import UnfitPlugin

ENTRY_POINTS = "plein.plugins"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin as its distribution describes it, before any of its code ran.

    :param name: the entry point's name, such as ``wiki``.
    :param package: what the entry point names, such as ``plein_wiki``.
    :param requires: the distribution's requirements, as its metadata says them.
    :param load: imports the package and returns it.
    """

    name: str
    package: str
    distribution: str
    version: str
    requires: tuple[str, ...]
    load: Callable[[], Any]


def discover() -> list[Candidate]:
    """The installed plugins, by name. Imports nothing of theirs."""
    found = []
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        dist = point.dist
        found.append(
            Candidate(
                name=point.name,
                package=point.value,
                distribution=dist.name if dist else "",
                version=dist.version if dist else "",
                requires=tuple(dist.requires or ()) if dist else (),
                load=point.load,
            )
        )
    return sorted(found, key=lambda candidate: candidate.name)


def import_package(candidate: Candidate) -> Any:
    """The plugin's package.

    :raises UnfitPlugin: where importing it fails, whatever the reason.
    """
    try:
        return candidate.load()
    # SystemExit too: a module may call sys.exit() where it finds something missing.
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}".rstrip(": .").replace("\n", " ")
        raise UnfitPlugin(
            f"Plugin {candidate.name} could not be imported ({reason}); repair or uninstall {candidate.distribution}, "
            f"or leave it out with plein.plugins_off = {candidate.name}."
        ) from error
