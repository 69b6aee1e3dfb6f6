"""``plein access``: the same answers on the command line as on the page of administration."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from guarded_world import World
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.audit.models import AuditEntry
from plein.cli import cli

Plein = Callable[..., str]


@pytest.fixture
def world(db: Session) -> World:
    return World(db)


@pytest.fixture
def plein(database_url: str, tmp_path: Path) -> Plein:
    ini = tmp_path / "site.ini"
    ini.write_text(
        f"[app:main]\nuse = egg:plein\nplein.database_url = {database_url.replace('%', '%%')}\n"
        f"plein.secret = {'x' * 40}\nplein.files_dir = {tmp_path / 'files'}\n"
        f"plein.cache_dir = {Path('.cache/templates').resolve()}\n"
    )

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["-c", str(ini), "access", *arguments])
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    return run


def test_it_says_why_somebody_sees_an_item_and_another_does_not(world: World, plein: Plein, db: Session) -> None:
    address = "http://127.0.0.1:6543/spaces/closed/wiki/closed-page"
    seen = plein("explain", "anna", address)
    assert seen.startswith("anna sees ") and "Has the role Editor." in seen
    unseen = plein("explain", "piet", address, code=3)
    assert unseen.startswith("piet does not see ") and "Asked to join, and is not let in yet." in unseen
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "access.explained")).first()
    assert entry is not None and entry.object_id == str(world.ids["closed page"])


def test_it_answers_other_programs(world: World, plein: Plein) -> None:
    found: dict[str, Any] = json.loads(plein("explain", "vreemd", "/spaces/hidden", "--json", code=3))
    assert found["reads"] is False and [step["step"] for step in found["steps"]] == ["account", "space", "role"]


def test_it_explains_pages_of_the_site_and_uids(world: World, plein: Plein) -> None:
    assert "people.manage" not in plein("explain", "beheer", "/admin/users")
    assert "It is for: Administrator." in plein("explain", "anna", "/admin/users", code=3)
    assert plein("explain", "anna", "hidden page").startswith("anna sees")


def test_it_counts_and_names_who_sees_something(world: World, plein: Plein) -> None:
    told = plein("who", "/spaces/closed/wiki/closed-page", "--names")
    assert told.startswith("Visible to 1 colleagues and 1 guests.")
    assert "anna: Anna, author (editor)" in told and "gast: Gast, member (reader)" in told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("explain", "nobody", "/spaces/open"), "Nobody signs in as nobody."),
        (("explain", "anna", "/spaces/open/wiki/nothing"), "There is nothing at /spaces/open/wiki/nothing"),
        (("who", "/admin/users"), "ask about one person"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(
    world: World, plein: Plein, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in plein(*arguments, code=1)
