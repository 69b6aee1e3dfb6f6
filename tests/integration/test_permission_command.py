"""``plein permission``: look, change, keep in a file; doing it again changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from plein.cli import cli
from plein.security.models import PermissionGrant
from plein.security.rights import current_stamp


@pytest.fixture
def plein(database_url: str, tmp_path: Path, make_space: Any) -> Any:
    """``plein("permission", "list")``: what a command prints."""
    make_space("secret", access="hidden")
    ini = tmp_path / "site.ini"
    ini.write_text(
        f"[app:main]\nuse = egg:plein\nplein.database_url = {database_url.replace('%', '%%')}\n"
        f"plein.secret = {'x' * 40}\nplein.files_dir = {tmp_path / 'files'}\n"
    )

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["-c", str(ini), "permission", *arguments])
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    return run


def test_set_is_idempotent_and_reset_takes_back(plein: Any, db: Any) -> None:
    assert "allowed (was as standard)" in plein("set", "wiki.page.create", "reader", "allow")
    number = db.scalar(current_stamp())
    db.rollback()
    assert "Nothing had to change" in plein("set", "wiki.page.create", "reader", "allow")
    assert db.scalar(current_stamp()) == number
    db.rollback()
    assert "wiki.page.create" in plein("list", "--changed") and "reader*" in plein("list", "--changed")
    (change,) = json.loads(plein("reset", "wiki.page.create", "--json"))
    assert (change["role"], change["after"]) == ("reader", None)
    assert json.loads(plein("reset", "--all", "--json")) == []


def test_what_is_exported_can_be_applied_elsewhere_and_twice(plein: Any, db: Any, tmp_path: Path) -> None:
    plein("set", "wiki.page.create", "reader", "allow")
    plein("set", "wiki.page.delete", "editor", "deny", "--space", "secret")
    file = tmp_path / "permissions.json"
    plein("export", str(file))
    assert json.loads(file.read_text())["spaces"] == {"secret": {"wiki.page.delete": {"editor": False}}}
    plein("reset", "--all")
    plein("set", "wiki.page.edit", "reader", "allow")
    assert len(json.loads(plein("apply", str(file), "--dry-run", "--json"))) == 2
    assert len(json.loads(plein("apply", str(file), "--json"))) == 2
    assert json.loads(plein("apply", str(file), "--json")) == []
    stored = {(one.permission, one.role, one.allowed) for one in db.scalars(select(PermissionGrant))}
    assert stored == {("wiki.page.create", "reader", True), ("wiki.page.delete", "editor", False)}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nonsense", "is not what"),
        ('{"version": 9}', "version 9"),
        ('{"version": 1, "site": {"wiki.page.create": {"reader": 3}}}', "not true, false or null"),
        ('{"version": 1, "site": {"no.such": {"reader": true}}}', "no permission no.such"),
        ('{"version": 1, "site": {"space.manage": {"manager": false}}}', "cannot be changed"),
        ('{"version": 1, "spaces": {"nowhere": {}}}', "no space nowhere"),
    ],
)
def test_wrong_file_is_a_sentence_and_changes_nothing(
    plein: Any, db: Any, tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "permissions.json"
    file.write_text(text)
    assert sentence in plein("apply", str(file), code=1)
    assert db.scalars(select(PermissionGrant)).all() == []
