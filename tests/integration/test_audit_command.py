"""``plein audit`` and the jobs that keep the log: verify names what is broken, retention keeps the rest whole."""

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from plein.app import build_site
from plein.audit import log as audit_log
from plein.audit import record
from plein.audit.chain import entries, verify
from plein.audit.keeping import check, take_away_old
from plein.cli import cli
from plein.db import open_session, utcnow
from plein.db.aside import aside


@pytest.fixture
def ini(database_url: str, tmp_path: Path) -> Path:
    path = tmp_path / "site.ini"
    path.write_text(
        f"[app:main]\nuse = egg:plein\nplein.database_url = {database_url.replace('%', '%%')}\n"
        f"plein.secret = {'x' * 40}\nplein.files_dir = {tmp_path / 'files'}\n"
    )
    return path


@pytest.fixture
def plein(ini: Path) -> Any:
    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["-c", str(ini), "audit", *arguments])
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    return run


def fill(engine: Any, number: int = 3) -> None:
    with open_session(engine, writes=True) as db, db.begin():
        for each in range(number):
            record(db, "thing.done", "thing", each)


def break_entry(engine: Any, number: int) -> None:
    on = " ON audit_entry" if engine.dialect.name == "postgresql" else ""
    with aside(engine) as connection:
        connection.execute(text(f"DROP TRIGGER audit_entry_update{on}"))
        connection.execute(text(f"UPDATE audit_entry SET origin = 'elsewhere' WHERE number = {number}"))


def test_verify_says_whole_or_names_the_first_broken_entry(plein: Any, engine: Any) -> None:
    fill(engine)
    said = plein("verify")
    assert "is whole: 3 entries" in said
    noted = said.splitlines()[-1]
    assert "is whole" in plein("verify", "--known", noted)
    break_entry(engine, 2)
    assert "Entry 2 is broken: it is not what was written." in plein("verify", code=1)
    assert json.loads(plein("verify", "--json", code=1))["broken"] == 2
    plein("verify", "--known", "nonsense", code=2)


def test_list_and_export_narrow_down_and_export_is_recorded(plein: Any, engine: Any, tmp_path: Path) -> None:
    fill(engine)
    assert plein("list", "--object", "thing:1").count("\n") == 1
    assert json.loads(plein("list", "--limit", "1", "--json"))["number"] == 3
    plein("export", str(tmp_path / "log.jsonl"))
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 3
    assert "audit.exported" in plein("list", "--limit", "1")
    assert plein("export", "--format", "csv", "--action", "audit.exported").count("\n") == 2


def test_purge_removes_what_is_old(plein: Any, engine: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(audit_log, "utcnow", lambda: utcnow() - timedelta(days=2_000))
    fill(engine)
    monkeypatch.undo()
    fill(engine)
    assert "Removed 3" in plein("purge") and "after 3 that retention removed" in plein("verify")
    plein("purge", "--days", "10", code=2)


def test_jobs_purge_and_verify_and_administration_hears_of_it(
    ini: Path, settings_values: Any, engine: Any, monkeypatch: Any, make_user: Any, as_user: Any
) -> None:
    site = build_site(settings_values)
    context: Any = SimpleNamespace(site=site)
    context.session = lambda writes: _begun(site.engine)
    monkeypatch.setattr(audit_log, "utcnow", lambda: utcnow() - timedelta(days=2_000))
    fill(engine)
    monkeypatch.undo()
    take_away_old(context)
    assert (verify(engine).removed, verify(engine).broken) == (3, None)
    fill(engine)
    check(context)
    admin = as_user(make_user("boss", is_admin=True))
    assert "tampered" not in admin.get("/admin").text
    break_entry(engine, 5)
    check(context)
    assert "The audit log was tampered with, from entry 5 on" in admin.get("/admin").text
    with open_session(engine) as db:
        assert [one["result"] for one in entries(db) if one["action"] == "audit.verified"] == ["done", "failed"]
    site.engine.dispose()


class _begun:
    """As ``JobContext.session``."""

    def __init__(self, engine: Any) -> None:
        self.db = open_session(engine, writes=True)

    def __enter__(self) -> Any:
        self.db.begin()
        return self.db

    def __exit__(self, *error: Any) -> None:
        self.db.commit()
        self.db.close()
