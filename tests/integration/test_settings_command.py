"""``plein settings export | diff | apply``: what was decided as a file, and back, as often as one likes."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plein.adjusting.models import SettingValue
from plein.app import build_site
from plein.ascode import FileError, Site, make, parse
from plein.ascode.sections import SectionError
from plein.audit.models import AuditEntry
from plein.cli import cli
from plein.content.models import PolicyValue
from plein.content.policies import declared
from plein.db import db_unguarded, utcnow
from plein.ladder.models import Rollout, RolloutStep
from plein.people.models import Group
from plein.security.models import PermissionGrant


@pytest.fixture
def run(settings_values: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    values = {**settings_values, "plein.guest_days": "30"}
    lines = "".join(f"{name} = {value.replace('%', '%%')}\n" for name, value in values.items())
    (tmp_path / "site.ini").write_text(f"[app:main]\nuse = egg:plein\n{lines}")
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["-c", "site.ini", "settings", *arguments])
        assert done.exit_code == code, done.output
        return done.output

    return run_it


@pytest.fixture
def wanted(make_user, make_space, db: Session, tmp_path: Path) -> str:
    """A file about a site with a space, a group and a person."""
    make_user("anna")
    make_space("huis")
    db.add(Group(uid="pilot", slug="pilot", name="Pilot", sort_name="pilot"))
    db.commit()
    ends = (utcnow() + timedelta(days=60)).date().isoformat()
    text = f"""\
version: 1
settings:
  plein.site_name: Raadhuis
  wiki.recent_pages: 7
permissions:
  site:
    wiki.page.create: {{reader: true}}
  spaces:
    huis:
      wiki.page.delete: {{member: true}}
rules:
  site:
    wiki.page: {{review.months: 6}}
plugins:
  wiki:
    stage: pilot
    purpose: One place to look
    owner: anna
    groups: [pilot]
    spaces: [huis]
    ends: {ends}
"""
    (tmp_path / "site.yaml").write_text(text)
    return text


def counts(db: Session) -> list[int]:
    db.rollback()
    found = [db.scalar(select(func.count()).select_from(one)) or 0 for one in (RolloutStep, AuditEntry, SettingValue)]
    db.rollback()
    return found


def test_apply_makes_it_so_once_and_export_says_it_again(run, wanted, db: Session, tmp_path: Path) -> None:
    said = run("diff", "site.yaml", code=1)
    assert "settings: plein.site_name: Raadhuis (was as standard)" in said
    assert "plugins: wiki: stage: pilot (was as standard)" in said
    assert run("apply", "--dry-run", "site.yaml") == said and counts(db) == [0, 0, 0]
    assert run("apply", "site.yaml") == said
    assert {row.name: row.value for row in db.scalars(select(SettingValue))} == {
        "plein.site_name": "Raadhuis",
        "wiki.recent_pages": 7,
    }
    assert len(db.scalars(select(PermissionGrant)).all()) == 2 and len(db.scalars(select(PolicyValue)).all()) == 1
    assert db.scalars(select(Rollout.purpose)).all() == ["One place to look"]
    before = counts(db)
    assert "Nothing has to change" in run("apply", "site.yaml") and "Nothing" in run("diff", "site.yaml")
    run("export", "again.yaml")
    assert "Nothing" in run("apply", "again.yaml") and counts(db) == before
    text = (tmp_path / "again.yaml").read_text()
    assert "review.months: 6" in text and "owner: anna" in text and "secret" not in text.partition("\n")[2]
    assert json.loads(run("export", "--json"))["settings"]["wiki.recent_pages"] == 7
    assert json.loads(run("diff", "again.yaml", "--json")) == []


def test_what_a_section_does_not_name_goes_back_and_other_sections_stay(run, wanted, db, tmp_path) -> None:
    run("apply", "site.yaml")
    (tmp_path / "less.yaml").write_text("settings:\n  wiki.recent_pages: 7\npermissions:\n  spaces: {}\n")
    said = run("apply", "less.yaml")
    assert "settings: plein.site_name: as standard (was Raadhuis)" in said and "huis" in said
    assert db.scalars(select(PermissionGrant.permission)).all() == ["wiki.page.create"]
    assert len(db.scalars(select(PolicyValue)).all()) == 1 and len(db.scalars(select(Rollout)).all()) == 1


#: What is wrong in a file, with the line and the place that the sentence names.
WRONG = {
    "settings:\n  plein.site_name: x\n  wiki.recent_pages: 21\n": "line 3: settings: wiki.recent_pages must be at most",
    "settings:\n  plein.nothing: 1\n": "line 2: settings: plein.nothing is no setting of Plein",
    "settings:\n  plein.secret: abc\n": "line 2: settings: plein.secret is a setting of the server",
    "settings:\n  plein.guest_days: 9\n": "line 2: settings: plein.guest_days is given on the server",
    "settings: [1]\n": "line 1: settings must be names with values below it",
    "permissions:\n  site:\n    wiki.page.view:\n      reader: often\n": "line 4: permissions: site: wiki.page.view",
    "permissions:\n  site:\n    wiki.nothing: {reader: true}\n": "There is no permission wiki.nothing here",
    "permissions:\n  spaces:\n    attic: {}\n": "line 3: permissions: spaces: attic there is no space attic",
    "rules:\n  site:\n    wiki.page:\n      review.months: -1\n": "line 4: rules: site: wiki.page: review.months must",
    "rules:\n  site:\n    blog.post: {}\n": "there is no type blog.post",
    "plugins:\n  wiki:\n    stage: half\n": "line 3: plugins: wiki: stage must be off, pilot",
    "plugins:\n  wiki:\n    stage: pilot\n    groups: [none]\n": "line 4: plugins: wiki: groups there is nothing",
    "plugins:\n  wiki:\n    stage: pilot\n": "line 2: plugins: wiki: groups Say who tries it",
    "plugins:\n  wiki:\n    stage: on\n    colour: red\n": "line 4: plugins: wiki: colour is unknown",
    "plugins:\n  blog:\n    stage: on\n": "There is no function blog",
    "people: {}\n": "line 1: people is unknown; known are settings, permissions, rules, plugins",
    "version: 2\n": "line 1: version must be 1",
}


def test_what_is_wrong_is_one_sentence_with_its_line(app, engine, settings_values) -> None:
    registry = app.app.registry
    known = {one.name: one for one in declared(registry)}
    settings = build_site({**settings_values, "plein.guest_days": "30"}).settings
    site = Site(settings, registry["plein.plugins"], known)
    for text, sentence in WRONG.items():
        parsed = parse("bad.yaml", text)
        with db_unguarded(engine, reason="a test", writes=True) as db:
            with pytest.raises(SectionError) as caught:
                make(db, site, parsed.values)
            db.rollback()
        said = str(parsed.error(caught.value))
        assert sentence in said and said.startswith("bad.yaml") and "\n" not in said, said


def test_a_file_with_a_mistake_changes_nothing(run, db, tmp_path) -> None:
    (tmp_path / "bad.yaml").write_text("settings:\n  wiki.recent_pages: 3\nplugins:\n  blog: {stage: on}\n")
    assert "Error: bad.yaml, line 4: plugins: blog There is no function blog" in run("apply", "bad.yaml", code=1)
    assert db.scalars(select(SettingValue)).all() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\na: 2\n", "line 2: this is no YAML that can be read: a stands here twice"),
        ("a: &x [1]\nb: *x\n", "an alias"),
        ("settings: {\n", "this is no YAML that can be read"),
        ("- 1\n", "must be names with values"),
        ("a: !!python/object:os.system {}\n", "no YAML that can be read"),
    ],
)
def test_a_file_that_is_no_such_file_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(FileError) as caught:
        parse("site.yaml", text)
    assert sentence in str(caught.value)


def test_packages_of_functions_are_made_given_and_taken_back(run, make_space, db: Session, tmp_path: Path) -> None:
    make_space("huis")
    make_space("tuin")
    site = tmp_path / "site.yaml"
    packages = "packages:\n  Team:\n    description: For teams\n    plugins: [links, wiki]\n    spaces: [huis]\n"
    site.write_text(packages)
    assert "Team" in run("diff", "site.yaml", code=1)
    run("apply", "site.yaml")
    exported = yaml.safe_load(run("export"))["packages"]
    assert exported == {"Team": {"description": "For teams", "plugins": ["links", "wiki"], "spaces": ["huis"]}}
    before = counts(db)
    assert "Nothing has to change" in run("apply", "site.yaml") and counts(db) == before
    site.write_text(packages.replace("[huis]", "[tuin]"))
    run("apply", "site.yaml")
    assert yaml.safe_load(run("export"))["packages"]["Team"]["spaces"] == ["tuin"]
    site.write_text("packages: {}\n")
    run("apply", "site.yaml")
    assert yaml.safe_load(run("export"))["packages"] == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("packages:\n  Team:\n    plugins: wiki\n", "must be a list of names"),
        ("packages:\n  Team:\n    plugins: []\n", "Choose at least one function"),
        ("packages:\n  Team:\n    plugins: [wiki]\n    spaces: [nergens]\n", "there is no space nergens"),
        ("packages:\n  Team:\n    plugin: [wiki]\n", "is unknown"),
    ],
)
def test_package_that_cannot_be_is_refused_in_a_sentence(run, db, tmp_path, text: str, sentence: str) -> None:
    (tmp_path / "site.yaml").write_text(text)
    assert sentence in run("apply", "site.yaml", code=1)
    assert yaml.safe_load(run("export"))["packages"] == {}
