"""Every use of the session that sees everything is listed, with its reason, in unguarded_uses.txt.

A new use is a decision about privacy: it belongs in that file, where a reviewer sees it.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("unguarded_uses.txt")


def uses(source: str) -> list[str]:
    """The reasons given to ``db_unguarded`` in *source*, or the expression where it is no plain text."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "db_unguarded":
            reasons = [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
            assert reasons, f"line {node.lineno}: db_unguarded without a reason"
            reason = reasons[0]
            plain = isinstance(reason, ast.Constant) and isinstance(reason.value, str)
            found.append(str(reason.value) if plain else ast.unparse(reason))  # type: ignore[attr-defined]
    return found


def test_every_unguarded_use_is_listed_with_its_reason() -> None:
    found = sorted(
        f"{path.relative_to(ROOT)}: {reason}"
        for path in [*ROOT.glob("core/plein/**/*.py"), *ROOT.glob("plugins/**/plein_*/**/*.py")]
        for reason in uses(path.read_text(encoding="utf-8"))
    )
    listed = [line for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert found == sorted(listed)
    assert found, "nothing was looked at"


def test_nobody_marks_a_session_as_unguarded_by_hand() -> None:
    marking = [
        str(path.relative_to(ROOT))
        for path in ROOT.glob("core/plein/**/*.py")
        if "UNGUARDED]" in path.read_text(encoding="utf-8")
    ]
    # testing: a test prepares its data and looks at what became of it
    assert sorted(marking) == ["core/plein/db/session.py", "core/plein/testing/__init__.py"]
