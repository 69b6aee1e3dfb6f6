"""What a plugin is called and is for, as people read it: as its package says, or else its metadata."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from plein.plugins import Plugins
from plein.plugins.distributions import distribution

_HEADING = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class About:
    """:param summary: its package's one line; may be empty."""

    title: str
    summary: str


#: Puts a text of a plugin into the reader's language: ``request.localizer.translate``.
Translate = Callable[[Any], str]


def about(plugins: Plugins, name: str, translate: Translate = str) -> About:
    """The title and the summary of the plugin *name*, which may not be installed any more.

    Its package says them as ``title`` and ``summary``; else its metadata do, in one language.
    """
    info = plugins.info(name)
    if info is None:
        return About(_from_name(name), "")
    found = about_package(info.name, info.distribution)
    own = [getattr(info.module, what, "") for what in ("title", "summary")]
    title, summary = (translate(one) if isinstance(one, str) and one else "" for one in own)
    return About(title or found.title or _from_name(name), summary or found.summary)


def titles(plugins: Plugins, translate: Translate = str) -> dict[str, str]:
    """The title of each installed plugin, by its name."""
    return {info.name: about(plugins, info.name, translate).title for info in plugins.plugins}


@lru_cache(maxsize=256)
def about_package(name: str, package: str) -> About:
    """What the metadata of *package* says: the first heading of its README, where that is no file name."""
    found = distribution(package)
    heading = _HEADING.search(found.readme)
    title = heading[1].strip("`* ") if heading else ""
    is_name = title.casefold() in (package.casefold(), f"plein-{name}", f"plein_{name}", name)
    return About("" if is_name else title, found.summary)


def _from_name(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()
