"""What others made and we ship is named, licensed and unchanged."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "core" / "plein" / "static"
AXE = ROOT / "core" / "plein" / "authoring" / "vendor"
#: The list, and the folder that its file names start from.
LISTS = {
    STATIC / "vendor" / "VENDORED.json": STATIC,
    AXE / "VENDORED.json": AXE,
}
ENTRIES = [(folder, entry) for path, folder in LISTS.items() for entry in json.loads(path.read_text("utf-8"))]
FREE = {"MIT", "OFL-1.1", "MPL-2.0", "EUPL-1.2", "Apache-2.0", "BSD-3-Clause"}


def ids(value: object) -> str | None:
    return value["name"] if isinstance(value, dict) else None


@pytest.mark.parametrize(("folder", "entry"), ENTRIES, ids=ids)
def test_vendored_part_is_named_with_version_and_free_licence(folder: Path, entry: dict) -> None:
    assert entry["name"] and entry["version"] and entry["source"]
    assert entry["licence"] in FREE
    assert (folder / entry["licence_file"]).read_text("utf-8").strip()


@pytest.mark.parametrize(("folder", "entry"), ENTRIES, ids=ids)
def test_vendored_files_are_what_the_list_says(folder: Path, entry: dict) -> None:
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in entry["files"]}
    assert found == entry["files"]


def test_every_font_and_picture_of_others_is_in_the_list() -> None:
    listed = {name for folder, entry in ENTRIES if folder == STATIC for name in entry["files"]}
    own = {"logo.svg"}
    shipped = {
        path.relative_to(STATIC).as_posix()
        for path in STATIC.rglob("*")
        if path.suffix in {".woff2", ".woff", ".ttf", ".svg", ".png"}
    }
    assert shipped - own == listed


def test_every_icon_that_pages_and_plugins_name_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    assert sprite == set((ROOT / "tools" / "icons.txt").read_text("utf-8").split())
    used = {
        name
        for folder in (ROOT / "core", ROOT / "plugins")
        for path in [*folder.rglob("*.pt"), *folder.rglob("*.py")]
        for name in re.findall(r"""\bicon(?:\(|=)["']([a-z0-9-]+)["']""", path.read_text("utf-8"))
    }
    assert len(used) > 30
    assert used - sprite == set()
