"""``plein plugin new``: the files of a plugin that works at once, made from the folder ``skeleton``.

``skeleton/page`` is a plugin with a page, ``skeleton/type`` one with a content type. Their files are what is written,
with ``{{name}}`` and the like filled in; a test makes both, and runs all that holds for the code of Plein over them.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plein.authoring.catalogues import Package, update
from plein.plugins import PluginError, discover
from plein.plugins.rules import NAME, RESERVED_NAMES

SKELETON = Path(__file__).parent / "skeleton"
#: "alembic_version_" and the like come before it, and databases cut names of more than 63 letters.
MAX_NAME = 30
MAX_TITLE = 40

#: The Dutch of the words in the skeletons, beside the titles.
DUTCH = {
    "Good to see you, ${name}.": "Fijn dat je er bent, ${name}.",
    "Place": "Plek",
    "Where it is, or where to go.": "Waar het is, of waar je moet zijn.",
    "Date": "Datum",
}


@dataclass(frozen=True, slots=True)
class NewPlugin:
    """What its maker answered. The titles are of one item where it has a content type; ``plural`` of more of them.

    :raises PluginError: with a sentence for a name or title that cannot be used.
    """

    name: str
    title: str
    title_nl: str
    has_type: bool = False
    plural: str = ""
    plural_nl: str = ""

    def __post_init__(self) -> None:
        check_name(self.name)
        for title in (self.title, self.title_nl, *filter(None, (self.plural, self.plural_nl))):
            check_title(title)

    @property
    def words(self) -> dict[str, str]:
        """What stands in the files for ``{{word}}``."""
        return {
            "name": self.name,
            "Class": f"{self.name.capitalize()}Item",
            "title": self.title,
            "title_nl": self.title_nl,
            "plural": self.plural or f"{self.title}s",
            "plural_nl": self.plural_nl or f"{self.title_nl}s",
        }


def check_name(name: str) -> None:
    """The rules that hold when a plugin starts, and that nobody has the name already.

    :raises PluginError: with a sentence for its maker.
    """
    if not NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise PluginError(
            f"A plugin is called by one word of at most {MAX_NAME} letters and digits in lower case, such as "
            f"lostfound; {name!r} is not."
        )
    if name in RESERVED_NAMES:
        raise PluginError(f"The core uses the name {name} itself; give the plugin another one.")
    if name in {candidate.name for candidate in discover()}:
        raise PluginError(f"A plugin called {name} is installed already; give this one another name.")


def check_title(title: str) -> None:
    """A title that can stand in each of the files as it is.

    :raises PluginError: with a sentence for its maker.
    """
    if not title.strip() or len(title) > MAX_TITLE or re.search(r'["\\${}<>&\x00-\x1f\x7f]', title):
        raise PluginError(
            f'A title has 1 to {MAX_TITLE} letters, without " \\ $ {{ }} < > and &, such as Lost and found; '
            f"{title!r} does not fit."
        )


def write(plugin: NewPlugin, into: Path) -> Path:
    """Write the plugin in a folder of its name in *into*: all of it, or nothing.

    :returns: the folder.
    :raises PluginError: where that folder is there already, or *into* is not.
    """
    folder = into / plugin.name
    if not into.is_dir():
        raise PluginError(f"There is no folder {into}; make it, or name another one with --into.")
    if os.path.lexists(folder):
        raise PluginError(f"There is a {folder} already, and nothing is overwritten; give another name, or --into.")
    making = Path(tempfile.mkdtemp(prefix=f".{plugin.name}-", dir=into))
    try:
        for path, text in _files(plugin):
            (making / path).parent.mkdir(parents=True, exist_ok=True)
            (making / path).write_text(text, encoding="utf-8")
        _write_words(plugin, making)
        making.chmod(0o755)
        # Fails where somebody made the folder in the meantime and put something in it.
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return folder


def _files(plugin: NewPlugin) -> Iterator[tuple[str, str]]:
    kind = SKELETON / ("type" if plugin.has_type else "page")
    for path in sorted(kind.rglob("*.tmpl")):
        place = path.relative_to(kind).as_posix().removesuffix(".tmpl")
        place = place.replace("NAME", plugin.name).replace("package/", f"plein_{plugin.name}/")
        text = re.sub(r"\{\{(\w+)\}\}", lambda word: plugin.words[word[1]], path.read_text(encoding="utf-8"))
        yield place, text


def _write_words(plugin: NewPlugin, folder: Path) -> None:
    words = plugin.words
    package = Package(f"plein_{plugin.name}", folder / f"plein_{plugin.name}", folder)
    package.collect()
    missing = update(package, DUTCH | {words["title"]: words["title_nl"], words["plural"]: words["plural_nl"]})
    if missing:
        raise PluginError(f"The skeleton has words without Dutch: {', '.join(missing)}.")
