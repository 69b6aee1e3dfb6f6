"""``plein rollout``: deciding from the command line, again and again to the same end, and saying what is wrong."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from plein.cli import cli
from plein.cli.rollout import MEASURES, STAGES
from plein.ladder.rungs import Stage
from plein.people.models import Group
from plein.people.standing import today
from plein.rollout.rules import Measure

END = (today() + timedelta(days=28)).isoformat()


@pytest.fixture
def plein(database_url: str, tmp_path: Path) -> Callable[..., str]:
    """``plein("list", code=0)``: what ``plein rollout list`` prints."""
    ini = tmp_path / "site.ini"
    ini.write_text(
        f"[app:main]\nuse = egg:plein\nplein.database_url = {database_url.replace('%', '%%')}\n"
        f"plein.secret = {'x' * 40}\nplein.files_dir = {tmp_path / 'files'}\n"
    )

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["-c", str(ini), "rollout", *arguments])
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    return run


@pytest.fixture
def world(db: Session, make_user: Callable[..., Any], make_space: Callable[..., Any]) -> None:
    anna = make_user("anna")
    make_space("lab", access="hidden", members={anna: "manager"})
    db.add(Group(uid="pilot", slug="pilot", name="Pilot", sort_name="pilot"))
    db.commit()


def test_function_is_set_shown_explained_and_undone(plein, world) -> None:
    given = ["set", "wiki", "pilot", "--group", "pilot", "--space", "lab", "--end", END, "--owner", "anna"]
    told = json.loads(plein(*given, "--purpose", "To learn", "--reason", "Asked for", "--json"))
    assert told["changed"] and told["before"] is None and told["after"]["groups"] == ["pilot"]
    assert "changed: no" in plein(*given) and "changed: no" in plein("set", "wiki", "pilot")
    found = json.loads(plein("show", "wiki", "--json"))
    assert (found["stage"], found["spaces"], found["owner"]) == ("pilot", ["lab"], "anna")
    assert f"wiki: pilot, until {END} (Pilot, Lab)" in plein("list")
    assert "anna has wiki in lab" in plein("explain", "wiki", "--user", "anna", "--space", "lab")
    assert "Asked for" in plein("history", "wiki") and "command line" in plein("history", "wiki")
    assert "Took back" in plein("undo", str(told["step"]))
    assert json.loads(plein("show", "wiki", "--json"))["decided"] is False


def test_dry_run_counts_and_changes_nothing(plein, world) -> None:
    told = json.loads(plein("set", "wiki", "off", "--dry-run", "--json"))
    assert told["changed"] and told["impact"]["lose"] == 1
    assert json.loads(plein("show", "wiki", "--json"))["decided"] is False
    plein("set", "wiki", "off")
    assert json.loads(plein("set", "wiki", "off", "--dry-run", "--json"))["changed"] is False
    explained = json.loads(plein("explain", "wiki", "--user", "anna", "--json", code=3))
    assert explained["has"] is False


def test_step_is_planned_and_called_off(plein, world) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    told = json.loads(plein("set", "wiki", "off", "--start", tomorrow, "--json"))
    assert told["planned"] and "changed: no" in plein("set", "wiki", "off", "--start", tomorrow)
    assert "Planned: “Off”" in plein("list")
    assert "Called off" in plein("undo", str(told["step"]))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["set", "wikki", "on"], "did you mean wiki"),
        (["set", "wiki", "pilot", "--end", END], "at least one group or space"),
        (["set", "wiki", "pilot", "--group", "pilot"], "Say until when"),
        (["set", "wiki", "pilot", "--group", "none", "--end", END], "There is no group none"),
        (["set", "wiki", "pilot", "--space", "none", "--end", END], "There is no space none"),
        (["set", "wiki", "on", "--owner", "nobody"], "Nobody signs in as nobody"),
        (["set", "oidc", "off"], "No administrator could sign in"),
        (["set", "oidc", "off", "--dry-run"], "No administrator could sign in"),
        (["explain", "wiki", "--user", "nobody"], "Nobody signs in as nobody"),
        (["history", "nothing"], "no function nothing"),
        (["undo", "99"], "There is no such step"),
    ],
)
def test_what_cannot_be_is_one_sentence(plein, world, arguments, sentence) -> None:
    told = plein(*arguments, code=1)
    assert sentence in told and "Traceback" not in told and told.startswith("Error: ")


def test_command_knows_each_stage_and_measure() -> None:
    assert get_args(Stage) == STAGES
    assert get_args(Measure) == MEASURES
