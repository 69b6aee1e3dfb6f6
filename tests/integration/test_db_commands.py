"""``plein db`` and ``plein search`` as an administrator types them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, inspect, text

from plein.cli import cli
from plein.db import build_engine
from plein.db.engine import WRITES
from plein.testing import SECRET

Plein = Callable[..., Result]


def config(folder: Path, url: str) -> Path:
    path = folder / "site.ini"
    values = {
        "use": "egg:plein",
        "plein.database_url": url.replace("%", "%%"),
        "plein.secret": SECRET,
        "plein.files_dir": str(folder / "files"),
    }
    path.write_text("[app:main]\n" + "".join(f"{name} = {value}\n" for name, value in values.items()))
    return path


@pytest.fixture
def plein(database_url: str, tmp_path: Path) -> Plein:
    """``plein("db", "check")`` on a database that is up to date."""
    path = config(tmp_path, database_url)
    return lambda *arguments, **options: CliRunner().invoke(cli, ["-c", str(path), *arguments], **options)


@pytest.fixture
def plein_without_tables(empty_url: str, tmp_path: Path) -> Plein:
    path = config(tmp_path, empty_url)
    return lambda *arguments, **options: CliRunner().invoke(cli, ["-c", str(path), *arguments], **options)


def test_an_empty_database_is_checked_upgraded_and_checked_again(plein_without_tables: Plein) -> None:
    checked = plein_without_tables("db", "check")
    assert checked.exit_code == 1 and "run: plein db upgrade" in checked.stderr
    upgraded = plein_without_tables("db", "upgrade")
    assert upgraded.exit_code == 0 and "core: upgrade 0001" in upgraded.stdout
    assert plein_without_tables("db", "check").exit_code == 0
    assert "Nothing to do" in plein_without_tables("db", "upgrade").stdout


def test_a_database_newer_than_the_code_has_an_exit_code_of_its_own(plein: Plein, engine: Engine) -> None:
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    checked = plein("db", "check")
    assert checked.exit_code == 3 and "newer than the code" in checked.stderr
    for command in (("db", "upgrade"), ("db", "downgrade", "-p", "core", "--yes")):
        refused = plein(*command)
        assert refused.exit_code == 1 and "newer than the code" in refused.stderr
        assert "Traceback" not in refused.output


def test_current_shows_every_history(plein: Plein) -> None:
    lines = plein("db", "current").stdout.splitlines()
    assert any(line.startswith("core\t0") and line.endswith("\tequal") for line in lines)


def test_a_downgrade_asks_first(plein_without_tables: Plein, empty_url: str) -> None:
    plein_without_tables("db", "upgrade")
    engine = build_engine(empty_url)
    refused = plein_without_tables("db", "downgrade", "-p", "wiki", input="n\n")
    assert refused.exit_code == 1 and inspect(engine).has_table("wiki_page")
    done = plein_without_tables("db", "downgrade", "-p", "wiki", input="y\n")
    assert done.exit_code == 0 and "wiki: downgrade 0001" in done.stdout
    assert not inspect(engine).has_table("wiki_page")
    engine.dispose()


def test_an_unknown_package_is_one_sentence(plein: Plein) -> None:
    refused = plein("db", "downgrade", "-p", "wikki", "--yes")
    assert refused.exit_code == 1
    assert "There is no package 'wikki' with migrations" in refused.stderr and "Traceback" not in refused.output


def test_the_index_is_checked_and_made_anew(plein: Plein) -> None:
    assert plein("search", "check").stdout == "The index is in order: 0 items.\n"
    assert plein("search", "reindex", "--all").stdout == "The index was in order already.\n"
