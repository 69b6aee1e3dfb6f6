"""Static files: small, kept for ever, and never an old one at a new address."""

import gzip
import os
from pathlib import Path

import pytest

from plein.web.static import StaticFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "a.css").write_text("/* why */\n  a { color: red; }\n" * 20)
    (tmp_path / "css" / "b.css").write_text("b { top: 0 }")
    (tmp_path / "logo.svg").write_text("<svg/>")
    (tmp_path / "notes.md").write_text("not for the web")
    return tmp_path


def test_style_sheets_become_one_without_comments(folder: Path) -> None:
    files = StaticFiles(folder, {"css/all.css": ("css/a.css", "css/b.css")})
    body = files.files["css/all.css"].body
    assert b"why" not in body
    assert body.endswith(b"b { top: 0 }")
    assert set(files.files) == {"css/all.css", "logo.svg"}


def test_compressed_form_is_the_same_file_and_smaller(folder: Path) -> None:
    found = StaticFiles(folder, {}).files["css/a.css"]
    assert found.zipped is not None and len(found.zipped) < len(found.body)
    assert gzip.decompress(found.zipped) == found.body


def test_address_changes_with_any_file(folder: Path) -> None:
    files = StaticFiles(folder, {})
    before = files.url("logo.svg")
    (folder / "css" / "b.css").write_text("b { top: 1px }")
    os.utime(folder / "css" / "b.css", (9_999_999_999, 9_999_999_999))
    files.refresh()
    assert files.url("logo.svg") != before


def test_unknown_file_is_named(folder: Path) -> None:
    with pytest.raises(KeyError, match=r"nothing\.css"):
        StaticFiles(folder, {}).url("nothing.css")
