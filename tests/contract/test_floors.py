"""Imports go down the floors of the house, and the core knows no plugin."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core/plein"

#: What a plugin may import of Plein: its public face; its tests also the fixtures.
OPEN_TO_PLUGINS = {"plein.api"}
OPEN_TO_TESTS_OF_PLUGINS = {"plein.api", "plein.testing"}


def imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names if node.module == "plein"}
    return found - {"plein"}


def plugin_files(tests: bool) -> list[Path]:
    files = [*ROOT.glob("plugins/*/**/*.py"), *ROOT.glob("plugins/examples/*/**/*.py")]
    return [file for file in files if ("tests" in file.relative_to(ROOT).parts) == tests and "build" not in file.parts]


def test_imports_go_down_the_floors_only() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_core_imports_no_plugin() -> None:
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in CORE.rglob("*.py")
        for name in imports(path)
        if name.startswith("plein_")
    }
    assert not found


def test_the_core_does_not_import_the_face_that_is_for_plugins() -> None:
    found = [str(path.relative_to(ROOT)) for path in CORE.rglob("*.py") if "plein.api" in imports(path)]
    assert not found


def test_plugins_import_of_plein_only_its_face() -> None:
    for tests, allowed in ((False, OPEN_TO_PLUGINS), (True, OPEN_TO_TESTS_OF_PLUGINS)):
        files = plugin_files(tests)
        found = {
            f"{path.relative_to(ROOT)} imports {name}"
            for path in files
            for name in imports(path)
            if name.split(".")[0] == "plein" and ".".join(name.split(".")[:2]) not in allowed
        }
        assert not found, found
    assert plugin_files(tests=False), "no plugin was looked at"
