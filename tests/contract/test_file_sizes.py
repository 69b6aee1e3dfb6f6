"""Files and functions stay short enough to be read in one go."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MOST_LINES = 500
MOST_LINES_OF_A_TEMPLATE = 120
MOST_LINES_OF_A_FUNCTION = 40

#: Written by others, or by a program.
NOT_OURS = ("static/vendor/", "/locale/", "/demo/")


def tracked(*patterns: str) -> list[Path]:
    result = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in result.stdout.split("\0") if name and not any(part in name for part in NOT_OURS)]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    ("patterns", "most"),
    [(("*.py", "*.js", "*.css", "*.sh", "dev", "*.yml"), MOST_LINES), (("*.pt",), MOST_LINES_OF_A_TEMPLATE)],
    ids=["code", "templates"],
)
def test_no_file_is_longer_than_it_may_be(patterns: tuple[str, ...], most: int) -> None:
    files = tracked(*patterns)
    assert files
    too_long = {name_of(path): lines_of(path) for path in files if lines_of(path) > most}
    assert not too_long


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of *function* without its decorators and docstring: what must be kept in mind at once."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    if not body:
        return 0
    signature = function.body[0].lineno - function.lineno
    return signature + (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = {}
    for path in tracked("core/plein/*.py", "plugins/*.py"):
        if "/versions/" in str(path) or "/tests/" in str(path):
            continue  # a migration tells one story from top to bottom
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = code_lines(node)
                if length > MOST_LINES_OF_A_FUNCTION:
                    too_long[f"{name_of(path)}:{node.name}"] = length
    assert not too_long


def test_every_module_opens_with_why_it_exists() -> None:
    silent = [
        name_of(path)
        for path in tracked("core/plein/*.py", "plugins/*.py")
        if "/versions/" not in str(path)
        and path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent
