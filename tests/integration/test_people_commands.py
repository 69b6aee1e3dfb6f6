"""``plein people`` and ``plein groups``: bringing in files from the command line, and sources by name."""

import subprocess
import sys
from pathlib import Path

import pytest

PLEIN = str(Path(sys.executable).with_name("plein"))
SETTINGS = """
[app:main]
use = egg:plein
plein.database_url = sqlite:///%(here)s/plein.sqlite
plein.files_dir = %(here)s/files
plein.cache_dir = %(here)s/cache
plein.secret = only for tests, and long enough to be one
plein.directory_csv = %(here)s/staff.csv
"""


@pytest.fixture
def folder(tmp_path, sqlite_template):
    (tmp_path / "development.ini").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "plein.sqlite").write_bytes(sqlite_template.read_bytes())
    rows = "".join(f"p{number};Person {number};Team {number % 3}\n" for number in range(30))
    (tmp_path / "staff.csv").write_text(f"login;naam;groepen\n{rows}", encoding="cp1252")
    return tmp_path


def plein(folder, *arguments, code=0):
    result = subprocess.run([PLEIN, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == code, result
    return result.stdout + result.stderr


def test_file_is_tried_brought_in_and_then_all_the_same(folder):
    report = folder / "report.csv"
    told = plein(folder, "people", "import", "staff.csv", "--dry-run", "--report", str(report))
    assert "30 person new" in told and "nothing was changed" in told and "UTF-8" in told
    assert report.read_bytes().count(b"Person ") == 30
    assert "3 group new" in plein(folder, "people", "import", "staff.csv")
    assert "30 person unchanged" in plein(folder, "people", "import", "staff.csv")
    assert "team-1  Team 1 (department, from csv): 10" in plein(folder, "groups", "list")
    assert "There are 30 places" in plein(folder, "groups", "repair")


def test_source_stops_at_the_limit_until_a_number_is_allowed(folder):
    assert "csv_file" in plein(folder, "people", "sync")
    plein(folder, "people", "sync", "csv_file")
    lines = (folder / "staff.csv").read_text(encoding="cp1252").splitlines(keepends=True)
    (folder / "staff.csv").write_text("".join([lines[0], *lines[6:]]), encoding="cp1252")
    told = plein(folder, "people", "sync", "csv_file", code=1)
    assert "Nothing was changed" in told and "10 percent" in told
    assert "5 person deactivated" in plein(folder, "people", "sync", "csv_file", "--allow-deactivate", "5")


def test_mistakes_are_sentences(folder):
    assert "unknown" in plein(folder, "people", "sync", "unknown", code=1)
    (folder / "staff.csv").write_text("gebruiker naam;naam\n", encoding="utf-8")
    told = plein(folder, "people", "import", "staff.csv", "--column", "login=nowhere", code=1)
    assert "gebruiker naam" in told
    assert "Traceback" not in told
    plein(folder, "people", "import", "staff.csv", "--column", "login", code=2)
