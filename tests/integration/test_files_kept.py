"""Every row has its file and every file its row: whatever process is killed, removed, moved to another store."""

import hashlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from file_servers import s3_server
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from plein.app import build_site
from plein.blobs.local import LocalBlobStore
from plein.blobs.s3 import S3BlobStore
from plein.content.files import keeping
from plein.content.files.keeping import check, clean, copy_all
from plein.content.files.models import AttachmentVersion, LostFile, PictureSize
from plein.content.files.receiving import Received
from plein.content.files.services import AttachmentService
from plein.content.models import Attachment, Content
from plein.db import db_unguarded, utcnow
from plein.db.aside import aside


@pytest.fixture
def site(engine: Engine, settings_values: dict[str, str]) -> Any:
    made = build_site(settings_values)
    made.engine.dispose()
    return SimpleNamespace(settings=made.settings, plugins=made.plugins, engine=engine, blobs=made.blobs)


@pytest.fixture
def item(make_user: Callable, make_space: Callable, db: Session) -> int:
    user = make_user("anna")
    space = make_space("handbook", members={user: "manager"})
    made = Content(type="plein.dormant", space_id=space.id, title="Plan", sort_title="plan", slug="plan")
    db.add(made)
    db.commit()
    return made.id


def received(site: Any, content: bytes, name: str = "a.txt", **values: Any) -> Received:
    digest, size = site.blobs.put(io.BytesIO(content))
    return Received(name, "text/plain", size, digest, values.get("width"), None, "off", "")


def add(site: Any, item: int, content: bytes, name: str = "a.txt", **values: Any) -> str:
    with db_unguarded(site.engine, reason="test", writes=True) as db:
        service = AttachmentService(db, SimpleNamespace(user_id=None))  # type: ignore[arg-type]
        return service.add(db.get_one(Content, item), received(site, content, name, **values)).digest


def age(site: Any, days: int) -> None:
    for path in site.blobs.root.rglob("*"):
        if path.is_file():
            then = path.stat().st_mtime - days * 86_400
            os.utime(path, (then, then))


def look(site: Any, **options: Any) -> keeping.Report:
    return check(site.engine, site.blobs, site.plugins, **options)


def test_what_is_missing_left_over_or_damaged_is_found(site: Any, item: int) -> None:
    good, gone, bad = (add(site, item, text, f"{text.decode()}.txt") for text in (b"good", b"gone", b"bad"))
    orphan, _ = site.blobs.put(io.BytesIO(b"orphan"))
    assert look(site).young == 1 and look(site).is_good
    site.blobs.path(gone).unlink()
    site.blobs.path(bad).write_bytes(b"other")
    age(site, 2)
    report = look(site, deep=True)
    assert (report.missing, report.orphans, report.wrong) == ([(gone, "attachment")], [orphan], [bad])
    assert not report.is_good
    repaired = look(site, repair=True)
    assert repaired.removed == 1 and site.blobs.find(orphan) is None and site.blobs.find(good)


def test_files_that_nobody_needs_go_long_after_and_not_before(site: Any, item: int, run_clean: Callable) -> None:
    add(site, item, b"first")
    add(site, item, b"second")
    with db_unguarded(site.engine, reason="test", writes=True) as db:
        uid = db.scalar(select(Attachment.uid))
        AttachmentService(db, SimpleNamespace(user_id=None)).remove(db.get_one(Content, item), str(uid))  # type: ignore[arg-type]
        db.add(PictureSize(of_digest="f" * 64, width=320, height=1, size=1, digest="f" * 64))
    age(site, 40)
    run_clean()
    assert len(list(site.blobs)) == 2, "a removed file can be put back"
    with db_unguarded(site.engine, reason="test", writes=True) as db:
        assert db.scalar(select(PictureSize.id)) is None
        db.execute(update(AttachmentVersion).values(ended_at=utcnow() - timedelta(days=31)))
    run_clean()
    assert len(list(site.blobs)) == 2, "a backup of the database may still name them"
    with db_unguarded(site.engine, reason="test", writes=True) as db:
        assert db.scalar(select(AttachmentVersion.id)) is None
        db.execute(update(LostFile).values(seen_at=utcnow() - timedelta(days=31)))
    run_clean()
    assert list(site.blobs) == [] and look(site).is_good


@pytest.fixture
def run_clean(site: Any) -> Callable[[], None]:
    return lambda: clean(SimpleNamespace(site=site))  # type: ignore[arg-type]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_nothing_is_thrown_away_while_a_plugin_is_not_loaded(site: Any, run_clean: Callable) -> None:
    orphan, _ = site.blobs.put(io.BytesIO(b"of a plugin"))
    age(site, 90)
    with aside(site.engine) as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version_gone (version_num TEXT)")
    run_clean()
    run_clean()
    report = look(site, repair=True)
    assert report.unloaded == ["gone"] and report.removed == 0 and site.blobs.find(orphan)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_files_move_to_s3_and_back_even_when_broken_off(site: Any, item: int, tmp_path: Path) -> None:
    digests = {add(site, item, os.urandom(1000), f"{number}.bin") for number in range(4)}
    with s3_server(tmp_path) as values:
        target = S3BlobStore("plein", "", endpoint=values["plein.s3_endpoint"], region="x", key="k", secret="s")

        def stop(done: int, total: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            copy_all(site.engine, site.blobs, target, stop)
        moved = copy_all(site.engine, site.blobs, target, lambda done, total: None)
        assert (moved.copied, moved.there, moved.missing) == (2, 2, [])
        assert {one.digest for one in target} == digests
        assert check(site.engine, target, site.plugins, deep=True).is_good
        back = LocalBlobStore(tmp_path / "back")
        assert copy_all(site.engine, target, back, lambda done, total: None).copied == 4
        assert {one.digest for one in back} == digests
        # What is damaged at home does not arrive as if it were whole.
        damaged = sorted(digests)[0]
        site.blobs.path(damaged).write_bytes(b"other" * 200)
        target.delete(damaged)
        with pytest.raises(ValueError, match="damaged"):
            copy_all(site.engine, site.blobs, target, lambda done, total: None)
        assert target.find(damaged) is None


#: A process that for each step it is told makes another, which adds a file and kills itself at that step.
_VICTIMS = """
import io, os, signal, sys
from types import SimpleNamespace
from plein.app import build_site
from plein.blobs import local
from plein.content.files.receiving import Received
from plein.content.files.services import AttachmentService
from plein.content.models import Content
from plein.db import db_unguarded

url, folder, item = sys.argv[1:]

def die(*more, **named):
    os.kill(os.getpid(), signal.SIGKILL)

def add(step):
    if step == "writing": local.os.fsync = die
    if step == "naming": local.os.replace = die
    if step == "named": local._sync_folder = die
    digest, size = site.blobs.put(io.BytesIO(b"new bytes"))
    if step == "stored": die()
    with db_unguarded(site.engine, reason="test", writes=True) as db:
        service = AttachmentService(db, SimpleNamespace(user_id=None))
        made = Received("a.txt", "text/plain", size, digest, None, None, "off", "")
        service.add(db.get_one(Content, int(item)), made)
        if step == "in the transaction": die()
    die()

site = build_site({"plein.secret": "x" * 40, "plein.database_url": url, "plein.files_dir": folder})
for step in sys.stdin:
    child = os.fork()
    if not child:
        add(step.strip())
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_process_that_is_killed_leaves_no_row_without_a_file(site: Any, item: int, database_url: str) -> None:
    add(site, item, b"old bytes")
    command = [sys.executable, "-W", "ignore", "-c", _VICTIMS, database_url, str(site.blobs.root), str(item)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as victims:
        assert victims.stdin and victims.stdout
        for step in ("writing", "naming", "named", "stored", "in the transaction", "done"):
            victims.stdin.write(f"{step}\n")
            victims.stdin.flush()
            assert int(victims.stdout.readline()) == -signal.SIGKILL, step
            report = look(site, deep=True)
            assert report.missing == [] and report.wrong == [], step
            with db_unguarded(site.engine, reason="test") as db:
                digest = db.scalar(select(Attachment.digest))
            expected = b"new bytes" if step == "done" else b"old bytes"
            assert digest == hashlib.sha256(expected).hexdigest(), step
    age(site, 2)
    look(site, repair=True)
    assert look(site, deep=True).is_good and not list(site.blobs.root.glob(".new-*"))


def test_every_table_that_names_a_file_says_so() -> None:
    named = {table for table, _column in keeping.referring()}
    assert named == {"attachment", "attachment_version", "held_file", "photo", "picture_size"}
