"""Translations of the core and of the plugins in this repository.

Usage: ``python tools/catalogues.py update`` after changing words, then fill in what it names in
``locale/nl/LC_MESSAGES/*.po`` and run it again. ``python tools/catalogues.py check`` says what is wrong.
"""

import sys
from pathlib import Path

from plein.authoring.catalogues import Package, WordError, check, in_template, read, update

__all__ = ["Package", "WordError", "check", "in_template", "packages", "read", "update"]

ROOT = Path(__file__).resolve().parent.parent


def packages() -> list[Package]:
    """The core and every plugin with words of its own, words collected."""
    every = [Package("plein", ROOT / "core" / "plein", ROOT)]
    folders = sorted(path.parent for path in ROOT.glob("plugins/**/plein_*/__init__.py"))
    every += [Package(folder.name, folder, ROOT) for folder in folders]
    for package in every:
        package.collect()
    return [package for package in every if package.found]


def main(arguments: list[str]) -> int:
    if arguments not in (["update"], ["check"]):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    act = update if arguments == ["update"] else check
    lines = [line for package in packages() for line in act(package)]
    sys.stdout.write("\n".join([*lines, "" if lines else "The catalogues are complete.\n"]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
