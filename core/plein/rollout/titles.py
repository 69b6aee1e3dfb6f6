"""What a plugin is called and is for, as people read it: from its package, or else from what it brings."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from typing import Any

from plein.plugins import PluginInfo, Plugins

_HEADING = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class About:
    """:param summary: its package's one line; may be empty."""

    title: str
    summary: str


def about(plugins: Plugins, name: str) -> About:
    """The title and the summary of the plugin *name*, which may not be installed any more."""
    info = next((one for one in plugins.plugins if one.name == name), None)
    found = about_package(info.name, info.distribution) if info is not None else About("", "")
    return About(found.title or _from_name(name), found.summary)


def titles(plugins: Plugins) -> dict[str, str]:
    """The title of each installed plugin, by its name."""
    return {info.name: title_of(info) for info in plugins.plugins}


def title_of(info: PluginInfo) -> str:
    return about_package(info.name, info.distribution).title or _from_name(info.name)


@lru_cache(maxsize=256)
def about_package(name: str, distribution: str) -> About:
    """What the metadata of *distribution* says: the first heading of its README, where that is no file name."""
    try:
        found: Any = metadata.metadata(distribution)
    except (metadata.PackageNotFoundError, ValueError):
        return About("", "")
    heading = _HEADING.search(found.get_payload() or str(found.get("Description") or ""))
    title = heading[1].strip("`* ") if heading else ""
    is_name = title.casefold() in (distribution.casefold(), f"plein-{name}", f"plein_{name}", name)
    summary = str(found.get("Summary") or "")
    return About("" if is_name else title, "" if summary == "UNKNOWN" else summary)


def _from_name(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()
