"""Every action that is recorded in the audit log has words for people. Found in the code, not by running it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plein.app import build_app, build_site
from plein.audit.acts import ACTS

ROOT = Path(__file__).parents[2]
RECORDERS = {"record": 1, "record_aside": 1}


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _patterns(node: ast.expr) -> Iterator[str] | None:
    """What the expression can be, as regular expressions; ``None`` where that cannot be seen."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return iter([re.escape(node.value)])
    if isinstance(node, ast.IfExp):
        parts = [_patterns(node.body), _patterns(node.orelse)]
        return None if None in parts else iter([one for part in parts if part for one in part])
    if isinstance(node, ast.JoinedStr):
        return iter(["".join(re.escape(p.value) if isinstance(p, ast.Constant) else "[a-z_]+" for p in node.values)])
    return None


def recorded(source: str) -> Iterator[tuple[int, str]]:
    """(line, regular expression) of each action that *source* records; functions that pass one on are followed."""
    tree = ast.parse(source)
    wanted, seen = list(RECORDERS.items()), set()
    while wanted:
        name, place = wanted.pop()
        if (name, place) in seen:
            continue
        seen.add((name, place))
        for function in [None, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))]:
            body = ast.walk(function) if function else ast.walk(tree)
            for call in (node for node in body if isinstance(node, ast.Call) and _called(node) == name):
                named = next((word.value for word in call.keywords if word.arg == "action"), None)
                action = call.args[place] if len(call.args) > place else named
                if action is None:
                    continue
                found = _patterns(action)
                if found is not None:
                    if function is None:
                        yield from ((call.lineno, one) for one in found)
                    continue
                parameters = [one.arg for one in function.args.args] if function else []
                if function and isinstance(action, ast.Name) and action.id in parameters:
                    # A method is called without its self.
                    is_method = bool(parameters) and parameters[0] in ("self", "cls")
                    wanted.append((function.name, parameters.index(action.id) - is_method))
                elif function is None and not isinstance(action, ast.Name):
                    yield call.lineno, "an action that cannot be read: write it as a text"


@pytest.fixture(scope="module")
def acts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    site = build_site(
        {"plein.secret": "x" * 40, "plein.database_url": f"sqlite:///{tmp_path_factory.mktemp('acts')}/plein.sqlite"}
    )
    found = build_app(site).registry[ACTS]
    site.engine.dispose()
    return dict(found)


def test_every_action_has_words(acts: dict[str, object]) -> None:
    without = [
        f"{path.relative_to(ROOT)}:{line}: {pattern}"
        for folder in ("core/plein", "plugins")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "tests" not in path.parts and path != ROOT / "core/plein/audit/log.py"
        for line, pattern in recorded(path.read_text(encoding="utf-8"))
        if not any(re.fullmatch(pattern, action) for action in acts)
    ]
    assert not without, (
        "recorded in the audit log without words for people; add them to ACTS in acts.py of the feature, which its "
        "routes.py gives to config.add_audit_acts: " + "; ".join(without)
    )


def test_actions_are_named_alike(acts: dict[str, object]) -> None:
    assert [action for action in acts if not re.fullmatch(r"[a-z_]+\.[a-z_]+", action)] == []


def test_actions_are_found_through_functions_that_pass_them_on() -> None:
    source = """
class Members:
    def join(self):
        self._log(f"space.{outcome}", 1)
        self._log("space.left" if gone else "space.stayed", 1)
    def _log(self, event, user):
        record(self.db, event, "space", 1)
def go(db):
    record(db, "a.b", "c")
    record(db, "a." + what, "c")
"""
    found = {pattern for _line, pattern in recorded(source)}
    assert found == {
        "space\\.[a-z_]+",
        "space\\.left",
        "space\\.stayed",
        "a\\.b",
        "an action that cannot be read: write it as a text",
    }
