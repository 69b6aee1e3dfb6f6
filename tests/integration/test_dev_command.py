"""``plein dev``: a site to make plugins in, and a console that keeps nothing by itself."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from plein.authoring.catalogues import compile_file
from plein.cli import cli
from plein.cli.reloading import stamps, watched_folders
from plein.db import build_engine
from plein.people.models import User
from plein.testing import all_seeing


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("development")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        result = CliRunner().invoke(cli, ["dev", "site"])
    assert result.exit_code == 0, result.output
    return made


def console(folder: Path, code: str) -> str:
    result = CliRunner().invoke(cli, ["-c", str(folder / "development.ini"), "dev", "console", "-c", code])
    assert result.exit_code == 0, result.output
    return result.output


def name_of_admin(folder: Path) -> str:
    engine = build_engine(f"sqlite:///{folder}/var/plein.sqlite")
    with all_seeing(engine) as db:
        name = db.scalar(select(User.name).where(User.login == "admin"))
    engine.dispose()
    return str(name)


def test_a_site_is_made_once_with_what_development_needs(folder: Path) -> None:
    text = (folder / "development.ini").read_text()
    assert "plein.new_plugins = on" in text and "plein.reload = true" in text


def test_a_console_has_the_site_and_asks_as_somebody(folder: Path) -> None:
    said = console(
        folder, "r = request_as('admin'); print(r.viewer.is_admin, r.route_path('home'), plugins is not None)"
    )
    assert said.split()[-3:] == ["True", "/", "True"]


def test_a_console_keeps_what_it_is_told_to_keep(folder: Path) -> None:
    from_database = "from plein.people.models import User; u = db.scalar(select(User).where(User.login == 'admin'))"
    console(folder, f"{from_database}; u.name = 'Forgotten'; db.flush()")
    assert name_of_admin(folder) != "Forgotten"
    console(folder, f"{from_database}; u.name = 'Kept'; keep()")
    assert name_of_admin(folder) == "Kept"


def test_saving_a_file_is_noticed_and_words_are_compiled(tmp_path: Path) -> None:
    (tmp_path / "settings.ini").write_text("")
    words = tmp_path / "plein_pond.po"
    before = stamps([tmp_path], tmp_path / "settings.ini")
    words.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Duck"\nmsgstr "Eend"\n')
    after = stamps([tmp_path], tmp_path / "settings.ini")
    assert set(after) - set(before) == {words}
    compile_file(words)
    assert b"Eend" in words.with_suffix(".mo").read_bytes()
    assert any(path.name == "plein_wiki" for path in watched_folders())
