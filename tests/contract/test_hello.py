"""The example a plugin maker sees first: at most 20 lines in 2 files."""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "plugins" / "examples" / "hello"


def shipped_files() -> list[Path]:
    """What a plugin maker writes: neither tests nor README, and not what installing leaves behind."""
    others = re.compile(r"(^|/)(tests|build|__pycache__|[^/]+\.egg-info)/|^README\.md$")
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    return [path for path in files if not others.search(str(path.relative_to(FOLDER)))]


def test_hello_is_two_files():
    names = sorted(str(path.relative_to(FOLDER)) for path in shipped_files())
    assert names == ["plein_hello/__init__.py", "pyproject.toml"]


def test_hello_is_at_most_twenty_lines():
    lines = [line for path in shipped_files() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= 20


def test_tutorial_shows_the_example_as_it_is():
    guide = (FOLDER.parents[2] / "docs" / "plugin-guide.md").read_text(encoding="utf-8")
    missing = [path.name for path in shipped_files() if path.read_text(encoding="utf-8").rstrip() not in guide]
    assert missing == []
