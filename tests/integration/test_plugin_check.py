"""``plein plugin check``: each rule is seen to fail on a plugin that breaks it, and what is not there is said."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from plein.authoring.checks import CHECKS, Trial, looking, run
from plein.cli import cli

CARELESS = Path(__file__).parents[1] / "support" / "careless"


@pytest.fixture(scope="module")
def careless() -> dict[str, dict[str, str]]:
    """What the check says of a plugin that breaks every rule, by check."""
    done = subprocess.run(
        [Path(sys.executable).with_name("plein"), "plugin", "check", "careless", "--json"],
        env=os.environ | {"PYTHONPATH": str(CARELESS), "XDG_CACHE_HOME": str(Path(".cache").resolve())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["plugin"] == "careless" and told["kept"] is False
    return {one["check"]: one for one in told["checks"]}


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ("readme", "no README"),
        ("floors", "__init__.py imports plein.people.models; __init__.py imports yaml"),
        ("words", "does not exist"),
        ("icons", "careless.noted has the icon unicorn"),
        ("matrix", "GET /careless/in/hidden lets outsider in"),
        ("statements", "/careless takes 1"),
        ("round-trip", "rows differ"),
        ("erasure", "careless_note.user_id refers to a user, and is not declared"),
        ("migrations", "the table careless_note is still there"),
        ("accessibility", "image-alt"),
    ],
)
def test_a_broken_rule_is_named_with_a_remedy(careless: dict[str, dict[str, str]], check: str, says: str) -> None:
    assert careless[check]["state"] == "failed"
    assert says in careless[check]["says"]
    assert careless[check]["remedy"]


def test_every_rule_is_asked(careless: dict[str, dict[str, str]]) -> None:
    assert list(careless) == [check.name for check in CHECKS]


def check_called(name: str) -> object:
    return next(check for check in CHECKS if check.name == name)


def test_a_site_that_breaks_without_the_plugin_is_a_broken_rule(plugin_trials: Callable[[str, str], Trial]) -> None:
    def breaks(_trial: Trial, paths: list[str]) -> dict[str, int]:
        return {path: 500 if path == "/" else 404 for path in paths}

    found = run(check_called("dormant"), replace(plugin_trials("hello", "sqlite"), asleep=breaks))
    assert found.state == "failed"
    assert "without it / breaks (500)" in found.says and "/inbox is refused (404)" in found.says


def test_a_view_with_an_unknown_permission_is_a_broken_rule(
    plugin_trials: Callable[[str, str], Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = plugin_trials("links", "sqlite")
    monkeypatch.delitem(trial.plugins.permissions, "links.link.view")
    found = run(check_called("permissions"), trial)
    assert found.state == "failed" and "GET links.link.access has the permission 'links.link.view'" in found.says


def test_where_there_is_no_browser_that_is_said(
    plugin_trials: Callable[[str, str], Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "_BROWSERS", ("no-such-browser",))
    found = run(check_called("accessibility"), plugin_trials("hello", "sqlite"))
    assert (found.state, found.says) == ("not tried", "There is no browser here.")
    assert "apt-get install chromium" in found.remedy


def test_a_plugin_that_is_not_there_is_one_sentence() -> None:
    result = CliRunner().invoke(cli, ["plugin", "check", "wikki"])
    assert result.exit_code == 1
    assert "There is no plugin called wikki installed; did you mean wiki?" in result.stdout
