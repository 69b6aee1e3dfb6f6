"""Looking at a plugin's source without running it: which hooks does it implement?"""

import ast
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path


def sources(package: str) -> list[Path]:
    """The Python files of an installed *package*; none where it cannot be found. Imports nothing."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    folders = [Path(place) for place in spec.submodule_search_locations or ()]
    if folders:
        return sorted(path for folder in folders for path in folder.rglob("*.py"))
    return [Path(spec.origin)] if spec.origin else []


def hooks_in(sources: Iterable[str]) -> set[str]:
    """The names of functions that are marked ``@hookimpl``, in each of *sources*. What cannot be read has none."""
    found: set[str] = set()
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "hookimpl" in _marks(node):
                found.add(node.name)
    return found


def hookspecs_in(source: str) -> set[str]:
    """The names of the hooks that a hookspecs.py declares."""
    return {
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and "hookspec" in _marks(node)
    }


def hooks_of(package: str) -> set[str]:
    """The hooks that an installed *package* implements, by its source."""
    return hooks_in(path.read_text(encoding="utf-8", errors="replace") for path in sources(package))


def _marks(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for mark in node.decorator_list:
        called = mark.func if isinstance(mark, ast.Call) else mark
        yield called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
