"""The example with a content type: its own table, fields, template, permission and migration in at most 80 lines."""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "plugins" / "examples" / "links"


def written() -> list[Path]:
    """What a plugin maker writes: neither tests, translations nor README, and not what installing leaves behind."""
    others = re.compile(r"(^|/)(tests|build|locale|__pycache__|[^/]+\.egg-info)/|^README\.md$")
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    return sorted(path for path in files if not others.search(str(path.relative_to(FOLDER))))


def test_links_is_five_files():
    assert [str(path.relative_to(FOLDER)) for path in written()] == [
        "plein_links/__init__.py",
        "plein_links/migrations/versions/0001_links.py",
        "plein_links/models.py",
        "plein_links/templates/card.pt",
        "pyproject.toml",
    ]


def test_links_is_at_most_eighty_lines():
    lines = [line for path in written() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= 80


def test_tutorial_shows_the_example_as_it_is():
    guide = (FOLDER.parents[2] / "docs" / "plugin-guide.md").read_text(encoding="utf-8")
    missing = [path.name for path in written() if path.read_text(encoding="utf-8").rstrip() not in guide]
    assert missing == []
