"""The project's files are about Plein: nothing in them belongs to one machine, or comes out half-finished."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Put together from parts, so that this file does not hold what it looks for.
REFUSED = {
    "a path of one machine": r"(^|[^\w.:/-])/("
    + "|".join(["wo" + "rk", "fa" + "rm", "home/" + r"\w+", "Users/" + r"\w+"])
    + ")/",
    "the address of a package registry": r"index"
    + r"-url[ =]+https?://|\"resolved\": *\"https?://|^deb +(\[.*\] *)?https?://",
    "a note that something is unfinished": r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
    "a test that does not run": r"pytest\.(mark\.)?" + r"(skip|xfail)\b|@unittest\." + "skip",
    "a part that is missing": r"raise NotImplemented" + "Error",
}

#: Words of what others made, or of people who write in the demo space.
NOT_OURS = (":!core/plein/static/vendor", ":!core/plein/static/icons.svg", ":!*.svg", ":!core/plein/demo", ":!LICENSE")


@pytest.mark.parametrize("what", REFUSED)
def test_project_files_do_not_hold(what: str) -> None:
    command = ["git", "grep", "-nIP", "-e", REFUSED[what], "--", ".", *NOT_OURS]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1), result.stderr
    assert not result.stdout, result.stdout


@pytest.mark.parametrize(
    ("what", "example"),
    [
        ("a path of one machine", "see " + "/wo" + "rk/main/x.py"),
        ("a note that something is unfinished", "# TO" + "DO: later"),
        ("a test that does not run", "@pytest.mark." + "skip"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, example: str) -> None:
    assert re.search(REFUSED[what], example)
