"""``plein plugin new``: what it writes works at once, keeps the rules of the house, and overwrites nothing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from plein.authoring import writing
from plein.cli import cli

ROOT = Path(__file__).parents[2]
KINDS = {
    "page": ("notices", "--no-content-type", "--title", "Notices", "--title-nl", "Mededelingen"),
    "type": ("mislaid", "--content-type", "--title", "Found thing", "--title-nl", "Gevonden voorwerp"),
}


def new(folder: Path, *arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(cli, ["plugin", "new", *arguments, "--into", str(folder)], **options)


def run(*command: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=os.environ | environ, capture_output=True, text=True, check=False
    )


def installed(source: Path, into: Path) -> Path:
    """A folder with the plugin in *source* as its wheel installs it. Building leaves files behind, so in a copy."""
    source = shutil.copytree(source, into.with_name("source"))
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")
    done = run(sys.executable, "-m", "pip", "install", *options, "--target", into, source, cwd=source)
    assert done.returncode == 0, done.stdout + done.stderr
    return into


def ruff(folder: Path) -> str:
    """What ruff says about *folder* by the rules of this repository; nothing where all is well."""
    options = ("--quiet", "--no-cache", "--config", ROOT / "pyproject.toml")
    tests = ("--extend-per-file-ignores", f"{folder}/**/tests/*:S101")
    checked = run(sys.executable, "-m", "ruff", "check", *options, *tests, folder, cwd=ROOT)
    laid_out = run(sys.executable, "-m", "ruff", "format", "--check", *options, folder, cwd=ROOT)
    return "".join(done.stdout + done.stderr for done in (checked, laid_out) if done.returncode)


@pytest.fixture(scope="module", params=list(KINDS))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    result = new(folder, *KINDS[request.param])
    assert result.exit_code == 0, result.output
    return folder / KINDS[request.param][0]


def test_what_is_written_passes_its_own_tests_as_it_is_installed(made: Path, tmp_path: Path) -> None:
    place = installed(made, tmp_path / "site")
    options = ("-q", "-o", f"cache_dir={ROOT / '.cache' / 'generated'}")
    done = run(sys.executable, "-m", "pytest", *options, made / "tests", cwd=tmp_path, PYTHONPATH=str(place))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert re.search(r"\d+ passed", done.stdout) and "skipped" not in done.stdout


def test_what_is_written_is_laid_out_and_typed_as_the_house_does_it(made: Path) -> None:
    assert ruff(made) == ""
    # Untyped functions are allowed in the tutorial's code, as in the examples.
    lenient = ("--allow-untyped-defs", "--allow-incomplete-defs", "--no-error-summary")
    path = os.pathsep.join([str(made), str(ROOT / "core")])
    done = run(sys.executable, "-m", "mypy", *lenient, made / f"plein_{made.name}", cwd=ROOT, MYPYPATH=path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_longest_names_fit_on_their_lines(tmp_path: Path) -> None:
    for kind in ("--content-type", "--no-content-type"):
        name = ("a" if kind == "--content-type" else "b") * writing.MAX_NAME
        title = "T" * writing.MAX_TITLE
        assert new(tmp_path, name, kind, "--title", title, "--title-nl", title).exit_code == 0
    assert ruff(tmp_path) == ""


def test_a_plugin_is_two_files_or_five(made: Path) -> None:
    others = re.compile(r"(^|/)(tests|locale|build|[^/]+\.egg-info)/|^README\.md$")
    files = [path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()]
    assert len([name for name in files if not others.search(name)]) == (2 if made.name == "notices" else 5)


def test_the_next_commands_are_named(tmp_path: Path) -> None:
    said = new(tmp_path, *KINDS["page"]).stdout
    steps = [line.split()[:2] for line in said.splitlines() if line.startswith("  ")]
    assert steps == [["pip", "install"], ["plein", "db"], ["plein", "serve"]]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Lost", "one word"),
        ("lost-found", "one word"),
        ("2lost", "one word"),
        ("a" * 31, "at most 30"),
        ("admin", "core uses"),
        ("wiki", "installed already"),
        ("../boven", "one word"),
    ],
)
def test_a_name_that_cannot_start_is_refused_before_anything_is_written(tmp_path: Path, name: str, says: str) -> None:
    result = new(tmp_path, name, *KINDS["page"][1:])
    assert result.exit_code == 1 and says in result.stderr and "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("title", ['Say "hi"', "a\\n", "${x}", "{{name}}", " ", "<b>", "x" * 41])
def test_a_title_that_would_break_a_file_is_refused(tmp_path: Path, title: str) -> None:
    result = new(tmp_path, "mislaid", "--no-content-type", "--title", title, "--title-nl", "Goed")
    assert result.exit_code == 1 and "A title has 1 to 40 letters" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notices").mkdir()
    (tmp_path / "notices" / "mine.txt").write_text("mine")
    result = new(tmp_path, *KINDS["page"])
    assert result.exit_code == 1 and "nothing is overwritten" in result.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["notices", "mine.txt"]


def test_a_folder_that_is_missing_is_one_sentence(tmp_path: Path) -> None:
    result = new(tmp_path / "nowhere", *KINDS["page"])
    assert result.exit_code == 1 and "There is no folder" in result.stderr


def test_nothing_is_left_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "update", fails)
    result = new(tmp_path, *KINDS["page"])
    assert result.exit_code == 1 and "disk is full" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_it_asks_what_is_not_given_and_asks_again_after_a_wrong_answer(tmp_path: Path) -> None:
    answers = ["Lost", "mislaid", "y", "Find", "Vondst", "", "Vondsten"]
    result = new(tmp_path, input="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "'Lost' is not" in result.output
    source = (tmp_path / "mislaid" / "plein_mislaid" / "__init__.py").read_text()
    assert 'title=_("Find")' in source and 'plural=_("Finds")' in source
    words = (tmp_path / "mislaid/plein_mislaid/locale/nl/LC_MESSAGES/plein_mislaid.po").read_text()
    assert 'msgstr "Vondsten"' in words
