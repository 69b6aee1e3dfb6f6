"""The threat model promises nothing without a proof: the tests and settings that it names exist."""

import ast
import re
from pathlib import Path

from plein.core_settings import CORE_SETTINGS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_exists() -> None:
    there = {
        node.name
        for folder in ("tests", "plugins")
        for path in (ROOT / folder).rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert len(named) > 40
    assert named <= there, f"the threat model names tests that are gone: {sorted(named - there)}"
    folders = re.findall(r"`((?:plugins/oidc/)?tests(?:/[\w/.]+)?)`", TEXT)
    assert [path for path in folders if not (ROOT / path).exists()] == []


def test_every_promise_has_a_proof() -> None:
    promises = TEXT.partition("## What is promised")[2].partition("## What is not promised")[0]
    rows = [line for line in promises.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert rows and all("`test_" in row for row in rows), [row for row in rows if "`test_" not in row]


def test_every_setting_that_is_named_exists() -> None:
    known = {one.name for one in CORE_SETTINGS}
    named = set(re.findall(r"`(plein\.[a-z_]+)`", TEXT))
    assert named and named <= known, named - known
