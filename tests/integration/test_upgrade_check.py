"""``plein upgrade check``: what stands in the way of an upgrade is said before anything is installed."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import plein.hookspecs
from plein.cli import cli
from plein.plugins.upgrading import WheelError, wheels_in

HOOKSPECS = Path(str(plein.hookspecs.__file__)).read_text(encoding="utf-8")


@pytest.fixture
def run(settings_values: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    lines = "".join(f"{name} = {value.replace('%', '%%')}\n" for name, value in settings_values.items())
    (tmp_path / "site.ini").write_text(f"[app:main]\nuse = egg:plein\n{lines}")
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["-c", "site.ini", "upgrade", "check", *arguments])
        assert done.exit_code == code, done.output
        return done.output

    return run_it


def wheel(folder: Path, name: str, version: str, files: dict[str, str], requires: str = "", plugin: str = "") -> None:
    package = name.replace("-", "_")
    metadata = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{package}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{package}-{version}.dist-info/METADATA", metadata)
        if plugin:
            points = f"[plein.plugins]\n{plugin} = plein_{plugin}\n"
            archive.writestr(f"{package}-{version}.dist-info/entry_points.txt", points)
        for path, text in files.items():
            archive.writestr(path, text)


def revision(number: str, follows: str, body: str, back: str = "pass") -> str:
    names = f'revision = "{number}"\ndown_revision = "{follows}"\n'
    return f"{names}def upgrade():\n    {body}\ndef downgrade():\n    {back}\n"


def test_this_version_fits_itself(run) -> None:
    assert "Nothing stands in the way" in run()
    found = json.loads(run("--json"))
    assert found["blocks"] == [] and found["steps"] == [] and found["free"] > 0 and found["database_size"] > 0


def test_what_plugins_require_is_compared_with_the_version_to_come(run) -> None:
    assert "In the way: wiki 1.0.0 needs plein<2,>=1; get a version that fits 2.0.0" in run(
        "--to-core", "2.0.0", code=1
    )
    assert "is no version" in run("--to-core", "next", code=1)


def test_hooks_that_are_gone_are_found_in_the_sources(run, tmp_path: Path) -> None:
    specs = HOOKSPECS.replace("def content_actions(", "def item_actions(")
    wheel(tmp_path / "new", "plein", "1.9.0", {"plein/hookspecs.py": specs})
    said = run("--wheels", "new", code=1)
    assert "wiki 1.0.0 implements content_actions, and Plein 1.9.0 has no such hook" in said
    ported = "@hookimpl\ndef item_actions(): raise SystemExit('this runs')\n"
    wheel(tmp_path / "new", "plein-wiki", "1.1.0", {"plein_wiki/__init__.py": ported}, "plein>=1,<2", "wiki")
    said = run("--wheels", "new", code=1)
    assert "wiki" not in "".join(line for line in said.splitlines() if "hook" in line)
    assert "wiki goes from 1.0.0 to 1.1.0" in said


def test_migrations_that_wait_say_what_they_touch_and_whether_they_can_be_undone(run, tmp_path, make_user) -> None:
    make_user("anna")
    make_user("bert")
    versions = sorted((Path(str(plein.hookspecs.__file__)).parent / "migrations/versions").glob("0*.py"))
    last = versions[-1].name[:4]
    files = {f"plein/migrations/versions/{path.name}": path.read_text(encoding="utf-8") for path in versions}
    later = {
        "plein/migrations/versions/9001_more.py": revision("9001", last, 'op.add_column("user", sa.Column("x"))'),
        "plein/migrations/versions/9002_most.py": revision("9002", "9001", "pass", 'raise RuntimeError("no")'),
    }
    wheel(tmp_path / "new", "plein", "1.9.0", {"plein/hookspecs.py": HOOKSPECS, **files, **later})
    found = json.loads(run("--wheels", "new", "--json"))
    assert found["steps"] == [
        {"history": "core", "revision": "9001", "reversible": True, "rows": {"user": 2}},
        {"history": "core", "revision": "9002", "reversible": False, "rows": {}},
    ]
    said = run("--wheels", "new")
    assert "core 9001: waits, can be taken back; touches user 2 rows" in said
    assert "core 9002: waits, cannot be taken back" in said


def test_a_database_that_the_version_to_come_does_not_know_stands_in_the_way(run, tmp_path: Path) -> None:
    first = {"plein/migrations/versions/0001_first.py": 'revision = "0001"\ndown_revision = None\n'}
    wheel(tmp_path / "new", "plein", "0.9.0", {"plein/hookspecs.py": HOOKSPECS, **first})
    assert "which the version to come does not know" in run("--wheels", "new", code=1)


def test_what_is_no_wheel_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WheelError, match="There is no wheel in"):
        wheels_in(tmp_path)
    (tmp_path / "plein-2.whl").write_bytes(b"no zip")
    with pytest.raises(WheelError, match=r"plein-2\.whl is no wheel"):
        wheels_in(tmp_path)
