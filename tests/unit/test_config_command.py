"""``plein config check``: every setting with its source, or every mistake, and no secret in either."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plein.cli import cli

SECRET = "s3cret-" * 6


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("PLEIN_")]:
        monkeypatch.delenv(name)


def check(folder: Path, **settings: str) -> Result:
    lines = "".join(f"plein.{name} = {value}\n" for name, value in settings.items())
    (folder / "site.ini").write_text(f"[app:main]\nuse = egg:plein\n{lines}")
    return CliRunner().invoke(cli, ["-c", str(folder / "site.ini"), "config", "check"])


def rows(result: Result) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines() if line.startswith("plein.")}


def test_each_setting_is_shown_with_where_it_came_from(tmp_path, monkeypatch):
    monkeypatch.setenv("PLEIN_WRITE_LIMIT", "90")
    result = check(tmp_path, secret=SECRET, site_name="Raadhuis")
    assert result.exit_code == 0, result.output
    shown = rows(result)
    assert shown["plein.site_name"] == ["Raadhuis", "site.ini"]
    assert shown["plein.write_limit"] == ["90", "PLEIN_WRITE_LIMIT"]
    assert shown["plein.default_locale"] == ["nl", "default"]
    assert shown["plein.files_dir"] == [f"{tmp_path}/var/files", "default"]


def test_secrets_are_not_shown(tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    result = check(tmp_path, secret_file="secret", database_url="postgresql://plein:hunter2@db/plein")
    assert result.exit_code == 0, result.output
    assert rows(result)["plein.secret"] == ["********", "site.ini,", "plein.secret_file"]
    assert rows(result)["plein.database_url"] == ["postgresql://plein:***@db/plein", "site.ini"]
    assert "hunter2" not in result.output
    assert SECRET not in result.output


def test_every_mistake_is_a_sentence_and_the_exit_code_is_1(tmp_path):
    result = check(tmp_path, secret="short", safe_mode="perhaps", sitename="x")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "plein.sitename is no setting of Plein; did you mean plein.site_name?",
        "plein.secret must be at least 32 characters.",
        "plein.safe_mode must be true or false, not 'perhaps'.",
    ]


def test_plugin_that_breaks_a_rule_is_told_beside_the_settings(tmp_path, monkeypatch):
    from plein.plugins import PluginError

    def build_plugins(values):
        raise PluginError("Plugin blog is wrong; repair it.")

    monkeypatch.setattr("plein.cli.config.build_plugins", build_plugins)
    result = check(tmp_path, secret="short")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "Plugin blog is wrong; repair it.",
        "plein.secret must be at least 32 characters.",
    ]
