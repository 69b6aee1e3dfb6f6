"""Wheels hold all that a package needs: templates, static files, catalogues, migrations."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Where each distribution is made from, and the folder of its package in there.
PACKAGES = {
    ".": "core/plein",
    "plugins/wiki": "plein_wiki",
    "plugins/oidc": "plein_oidc",
    "plugins/examples/hello": "plein_hello",
    "plugins/examples/links": "plein_links",
    "plugins/examples/greeter": "plein_greeter",
    "plugins/examples/theme-example": "plein_themeexample",
    "plugins/examples/lostfound": "plein_lostfound",
}


def tracked(folder: Path) -> list[Path]:
    """The files of the repository in *folder*, as they are now."""
    told = subprocess.run(["git", "ls-files", "-z", "."], cwd=folder, capture_output=True, text=True, check=True).stdout
    return [path for name in told.split("\0") if name and (path := folder / name).is_file()]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels, made without a network from a copy: building leaves files behind."""
    copy, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheels")
    for path in [*tracked(ROOT / "core"), *tracked(ROOT / "plugins"), ROOT / "setup.py", ROOT / "README.md"]:
        (copy / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy / path.relative_to(ROOT))
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", made)
    sources = [copy if folder == "." else copy / folder for folder in PACKAGES]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, *sources], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.mark.parametrize("folder", PACKAGES)
def test_every_file_of_the_package_is_in_its_wheel(wheels: Path, folder: str) -> None:
    package = ROOT / folder / PACKAGES[folder]
    wheel = next(wheels.glob(f"{package.name}-*.whl"))
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path.relative_to(package.parent).as_posix() for path in tracked(package)}
    assert len(wanted) >= 1
    assert wanted - inside == set()
    assert not [name for name in inside if "tests/" in name and name.endswith(".py")]


def test_what_pages_are_made_of_is_there(wheels: Path) -> None:
    inside = zipfile.ZipFile(next(wheels.glob("plein-*.whl"))).namelist()
    for ending in (".pt", ".css", ".js", ".mo", "icons.svg", ".woff2", ".tmpl", "axe.min.js"):
        assert any(name.endswith(ending) for name in inside), ending
    assert any(name.startswith("plein/migrations/versions/0001_") for name in inside)


def test_plugins_are_found_where_their_wheels_are_installed(wheels: Path, tmp_path: Path) -> None:
    options = ("--quiet", "--no-deps", "--no-index", "--target", tmp_path)
    files = sorted(wheels.glob("*.whl"))
    subprocess.run([sys.executable, "-m", "pip", "install", *options, *files], capture_output=True, check=True)
    show = "import plein, plein.plugins; print(plein.__file__); print(*[one.name for one in plein.plugins.discover()])"
    # -I: nothing of this folder, and of the environment only what is installed beside it.
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {show}"
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    where, names = done.stdout.splitlines()
    assert Path(where).is_relative_to(tmp_path)
    assert {"greeter", "hello", "links", "lostfound", "oidc", "themeexample", "wiki"} <= set(names.split())
