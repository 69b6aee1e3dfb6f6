"""The command line: what cannot be done is one sentence and an exit code, and never a traceback."""

import os
import re
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

PLEIN = str(Path(sys.executable).with_name("plein"))

SETTINGS = """
[app:main]
use = egg:plein
plein.database_url = sqlite:///%(here)s/var/plein.sqlite
plein.files_dir = %(here)s/var/files
plein.cache_dir = %(here)s/var/cache
plein.secret_file = %(here)s/var/secret
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with settings and nothing else."""
    (tmp_path / "development.ini").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def plein(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLEIN_")} | variables
    return subprocess.run(
        [PLEIN, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def sentence(result: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """The one line that a failed command said."""
    assert result.returncode == code, result
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0].removeprefix("Error: ")


def test_help_lists_every_command_without_importing_them() -> None:
    program = "import sys; from plein.cli import cli; cli.main(['--help'], standalone_mode=False); print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "serve" in result.stdout
    # The half second that help may take goes to these.
    assert not {"sqlalchemy", "pyramid", "pydantic", "waitress", "rich"} & set(result.stdout.split())


def test_help_is_there_at_once(tmp_path: Path) -> None:
    """Counted in time of the processor, which does not depend on what else the machine is doing."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = used()
    assert plein(tmp_path, "--help").returncode == 0
    assert used() - before < 0.5


def test_init_makes_a_site_and_running_it_again_only_prints_a_new_link(folder: Path) -> None:
    first, second = plein(folder, "init"), plein(folder, "init")
    links = [re.findall(r"http://127\.0\.0\.1:6543/sign-in/link/\S+", result.stdout) for result in (first, second)]
    assert [len(found) for found in links] == [1, 1] and links[0] != links[1], (first, second)
    assert "Made the administrator admin." in first.stdout
    assert "Made" not in second.stdout and "Wrote" not in second.stdout
    told = next(line for line in first.stdout.splitlines() if line.startswith("Installed functions that nobody has"))
    assert "wiki" in told and "oidc" not in told and "/admin/functions" in told
    secret = folder / "var/secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(secret.read_text(encoding="ascii").strip()) >= 32


def test_init_refuses_to_make_somebody_an_administrator_who_is_not(folder: Path) -> None:
    plein(folder, "init")
    assert plein(folder, "user", "add", "jan", "--name", "Jan Jansen").returncode == 0
    assert "does not administer" in sentence(plein(folder, "init", "--admin", "jan"))


def test_links_are_made_for_people_with_an_account_only(folder: Path) -> None:
    plein(folder, "init")
    assert plein(folder, "user", "link", "admin").stdout.startswith("http://127.0.0.1:6543/sign-in/link/")
    assert sentence(plein(folder, "user", "link", "nobody")).startswith("Nobody signs in as nobody")
    assert "already" in sentence(plein(folder, "user", "add", "admin"))
    assert "cannot be a login" in sentence(plein(folder, "user", "add", "jan jansen"))


def test_a_settings_file_that_is_not_there(tmp_path: Path) -> None:
    assert sentence(plein(tmp_path, "-c", "other.ini", "init")) == "There is no settings file other.ini."
    assert "There is no development.ini in this folder" in sentence(plein(tmp_path, "serve"))


def test_a_settings_file_that_is_no_settings_file(tmp_path: Path) -> None:
    (tmp_path / "development.ini").write_text("plein.site_name = X\n[app", encoding="utf-8")
    assert "cannot be read" in sentence(plein(tmp_path, "config", "check"))
    (tmp_path / "development.ini").write_text("[server:main]\nport = 1\n", encoding="utf-8")
    assert "[app:main]" in sentence(plein(tmp_path, "config", "check"))


@pytest.mark.parametrize("command", [("init",), ("serve", "--port", "0"), ("db", "check")], ids=lambda words: words[0])
def test_a_setting_that_does_not_exist_is_told_with_the_nearest(folder: Path, command: tuple[str, ...]) -> None:
    with (folder / "development.ini").open("a", encoding="utf-8") as file:
        file.write("plein.site_nam = X\n")
    result = plein(folder, *command, PLEIN_SECRET="x" * 40)
    assert sentence(result) == "plein.site_nam is no setting of Plein; did you mean plein.site_name?"


def test_a_database_that_is_older_or_newer_than_the_code_is_told_with_the_command(folder: Path) -> None:
    plein(folder, "init")
    with sqlite3.connect(folder / "var/plein.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert sentence(plein(folder, "serve", "--port", "0")).startswith("The database is newer than the code")
    assert sentence(plein(folder, "init")).startswith("The database is newer than the code")
    (folder / "var/plein.sqlite").unlink()
    assert sentence(plein(folder, "serve", "--port", "0")).endswith("plein db upgrade")


def test_a_file_that_is_no_database_is_told_in_one_sentence(folder: Path) -> None:
    plein(folder, "init")
    for leftover in folder.glob("var/plein.sqlite*"):
        leftover.unlink()
    (folder / "var/plein.sqlite").write_bytes(b"no database at all, " * 100)
    assert sentence(plein(folder, "serve", "--port", "0")).startswith(
        "The database cannot be used: file is not a database"
    )


def test_an_unexpected_failure_says_how_to_see_more(folder: Path) -> None:
    """Shown on a folder in the place of a file, which no command foresees."""
    plein(folder, "init")
    for leftover in folder.glob("var/plein.sqlite*"):
        leftover.unlink()
    (folder / "var/plein.sqlite").mkdir()
    assert sentence(plein(folder, "db", "check")).startswith("The database cannot be used: unable to open")
    assert "Traceback" in plein(folder, "--traceback", "db", "check").stderr


def test_what_is_typed_wrongly_has_an_exit_code_of_its_own(folder: Path) -> None:
    assert plein(folder, "serve", "--workers", "many").returncode == 2
    assert plein(folder, "fly").returncode == 2


def test_second_factors_are_taken_away(folder: Path) -> None:
    plein(folder, "init")
    with sqlite3.connect(folder / "var/plein.sqlite") as database:
        database.execute("INSERT INTO totp (user_id, secret, last_step, created_at) VALUES (1, 'x', 0, '2026-01-01')")
    assert "can sign in without a second step" in plein(folder, "user", "reset-factors", "admin").stdout
    with sqlite3.connect(folder / "var/plein.sqlite") as database:
        assert database.execute("SELECT count(*) FROM totp").fetchone() == (0,)
        last = database.execute("SELECT action, origin FROM audit_entry ORDER BY number DESC").fetchone()
    assert last == ("second_factor.reset", "command line")
    assert sentence(plein(folder, "user", "reset-factors", "nobody")) == "Nobody signs in as nobody."
