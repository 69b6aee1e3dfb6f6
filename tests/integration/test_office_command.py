"""``plein office``: giving and taking from the command line, where nobody can lock everybody out either."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from plein.cli import cli


def test_offices_are_listed_given_and_taken(database_url: str, tmp_path: Path, make_user: Any) -> None:
    make_user("boss", is_admin=True)
    make_user("anna")
    ini = tmp_path / "site.ini"
    ini.write_text(
        f"[app:main]\nuse = egg:plein\nplein.database_url = {database_url.replace('%', '%%')}\n"
        f"plein.secret = {'x' * 40}\nplein.files_dir = {tmp_path / 'files'}\n"
    )

    def plein(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["-c", str(ini), "office", *arguments])
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    assert "now has" in plein("give", "anna", "moderator") and "already has" in plein("give", "anna", "moderator")
    found = json.loads(plein("list", "--json"))
    assert (found["moderator"], found["admin"]) == (["anna"], ["boss"])
    assert "no longer has" in plein("take", "anna", "moderator") and "does not have" in plein(
        "take", "anna", "moderator"
    )
    assert "last administrator" in plein("take", "boss", "admin", code=1)
    assert "Nobody signs in as eve" in plein("give", "eve", "admin", code=1)
