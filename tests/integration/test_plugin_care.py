"""``plein plugin list | info | drop``: what a plugin keeps is counted, taken along, and gone whole or not at all."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.adjusting.models import SettingValue
from plein.audit.models import AuditEntry
from plein.cli import cli
from plein.content.models import Attachment, Content, ContentLink, Revision
from plein.db import migrate
from plein.ladder.changing import Decision, decide
from plein.ladder.models import Rollout
from plein.plugins.known import KnownPlugin
from plein.security.models import PermissionGrant


@pytest.fixture
def run(settings_values: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    lines = "".join(f"{name} = {value.replace('%', '%%')}\n" for name, value in settings_values.items())
    (tmp_path / "site.ini").write_text(f"[app:main]\nuse = egg:plein\n{lines}")
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments: str, code: int = 0, typed: str = "") -> str:
        done = CliRunner().invoke(cli, ["-c", "site.ini", *arguments], input=typed)
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.output

    return run_it


@pytest.fixture
def filled(as_user, make_user, make_space, db: Session, engine: Engine, app: TestApp, run_jobs) -> None:
    """A page with a file and a version; another one leads to it. Settings, permissions and a decision of the wiki's."""
    anna = make_user("anna")
    make_space("huis", members={anna: "manager"})
    browser = as_user(anna)
    for title, body in (("Fire", "A blaze. [[Smoke]]"), ("Smoke", "See [[Fire]].")):
        form = next(form for form in browser.get("/spaces/huis/wiki/-/new").forms.values() if "body" in form.fields)
        form["title"], form["body"] = title, body
        form.submit(status=303)
    form = next(f for f in browser.get("/spaces/huis/wiki/fire/files").forms.values() if f.action.endswith("/attach"))
    browser.post(form.action, {"csrf_token": form["csrf_token"].value}, upload_files=[("file", "plan.txt", b"Out.")])
    run_jobs()
    migrate.upgrade(engine, app.app.registry["plein.plugins"])
    db.add(SettingValue(name="wiki.recent_pages", value=4))
    db.add(PermissionGrant(space_id=None, permission="wiki.page.view", role="visitor", allowed=False))
    decide(db, "wiki", Decision("off"))
    db.commit()


def test_list_and_info_say_what_there_is(run, filled) -> None:
    rows = {row["name"]: row for row in json.loads(run("plugin", "list", "--json"))}
    assert rows["wiki"]["stage"] == "off" and rows["wiki"]["items"] == 2
    assert "wiki\t1.0" in run("plugin", "list")
    found = json.loads(run("plugin", "info", "wiki", "--json"))
    assert found["items"] == {"wiki.page": 2} and found["tables"] == {"wiki_page": 2} and found["files"] == 1
    assert found["settings"]["wiki.recent_pages"] == 4 and "page_items" in found["hooks"]
    assert "wiki.page.view" in run("plugin", "info", "wiki")
    assert "known are" in run("plugin", "info", "nothing", code=1)


def test_drop_exports_and_removes_everything(run, filled, db: Session, engine: Engine, tmp_path: Path) -> None:
    assert "wiki.page: 2" in run("plugin", "drop", "wiki", "--dry-run")
    assert "another name" in run("plugin", "drop", "wiki", typed="wikki\n", code=1)
    assert "Removed" in run("plugin", "drop", "wiki", "--export", "gone.zip", typed="wiki\n")
    with zipfile.ZipFile(tmp_path / "gone.zip") as archive:
        names = archive.namelist()
        assert archive.read("items/huis/page/fire.md").decode().startswith("# Fire\n\nA blaze.")
        assert {"tables/content.jsonl", "tables/wiki_page.jsonl", "tables/revision.jsonl"} <= set(names)
        rows = [json.loads(line) for line in archive.read("tables/content.jsonl").splitlines()]
        assert {row["slug"] for row in rows} == {"fire", "smoke"}
        assert [archive.read(name) for name in names if name.startswith("files/")] == [b"Out."]
    for model in (Content, Revision, ContentLink, Attachment, SettingValue, PermissionGrant, Rollout, KnownPlugin):
        left = db.scalars(select(model)).all()
        assert not [row for row in left if getattr(row, "name", "wiki") == "wiki"], model.__name__
    assert not {"wiki_page"} & set(inspect(engine).get_table_names())
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "plugin.dropped")).one()
    assert (entry.object_id, entry.origin) == ("wiki", "command line")
    db.rollback()
    assert "Nothing" not in run("db", "upgrade") and inspect(engine).has_table("wiki_page")


def test_drop_refuses_while_somebody_has_it_and_where_the_export_is_there(run, filled, db, tmp_path) -> None:
    (tmp_path / "gone.zip").write_text("mine")
    refused = run("plugin", "drop", "wiki", "--export", "gone.zip", "--yes-drop", "wiki", code=1)
    assert "is there already" in refused and (tmp_path / "gone.zip").read_text() == "mine"
    decide(db, "wiki", Decision("pilot"))
    db.commit()
    assert "stands at pilot" in run("plugin", "drop", "wiki", "--yes-drop", "wiki", code=1)
    assert len(db.scalars(select(Content)).all()) == 2


def test_a_drop_that_fails_half_way_removes_nothing(run, filled, db, engine, monkeypatch) -> None:
    def fails(*_arguments: Any) -> Any:
        raise migrate.MigrationError("wiki: the disk is full")

    monkeypatch.setattr(migrate, "_run", fails)
    assert "disk is full" in run("plugin", "drop", "wiki", "--yes-drop", "wiki", code=1)
    assert len(db.scalars(select(Content)).all()) == 2 and db.get(SettingValue, "wiki.recent_pages")
    assert db.scalars(select(AuditEntry).where(AuditEntry.action == "plugin.dropped")).all() == []
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM wiki_page")).scalar() == 2
