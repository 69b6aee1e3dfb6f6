"""Bad input, from upload to page: one clear message, the writer's text safe, nothing given up in silence.

What is tested nearer to where it is decided: a locked PDF, bombs and names inside of archives in
`unit/test_confined.py`; names that lead elsewhere or are too long, empty files and types that lie in
`test_files_pages.py` and `test_attacks.py`; a store that is gone or full in `test_files_pages.py` and
`integration/test_blob_stores.py`; two tabs of one draft in `test_writing.py`; whoever left or lost the right to
approve in `test_approval.py`; items that show each other in `test_text_pages.py`; broken placeholders in
`test_item_templates.py`.
"""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from life_of_pages import BASE, form_of, write
from pypdf import PdfWriter
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session
from webtest import TestApp, Upload

from plein.content.models import Attachment
from plein.jobs.models import QueuedJob


def locked_pdf() -> bytes:
    writer, target = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=200, height=200)
    writer.encrypt(user_password="geheim", owner_password="owner", algorithm="RC4-128")
    writer.write(target)
    return target.getvalue()


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"<d><t>" + b" " * (64 << 20) + b"</t></d>")
    return target.getvalue()


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("name", "content", "reason", "said"),
    [
        ("plan.pdf", locked_pdf, "encrypted", "a password is needed to read it"),
        ("plan.docx", bomb, "bomb", "it is packed in a way that could harm computers"),
    ],
    ids=["locked", "bomb"],
)
def test_a_file_that_cannot_be_read_says_why_and_stays_a_file(
    handbook: Any,
    db: Session,
    run_jobs: Callable[[], int],
    name: str,
    content: Callable[[], bytes],
    reason: str,
    said: str,
) -> None:
    browser: TestApp = handbook.member
    address, data = write(browser, "Plan", body="An hour of work.").location, content()
    fields = {"csrf_token": form_of(browser.get(f"{address}/edit"))["csrf_token"].value, "file": Upload(name, data)}
    browser.post(f"{BASE}/plan/files/-/attach", fields, status=303)
    run_jobs()
    row = db.execute(select(Attachment.uid, Attachment.text_state, Attachment.text_reason, Attachment.text)).one()
    jobs = set(db.scalars(select(QueuedJob.state).where(QueuedJob.name == "files.extract")))
    db.rollback()
    assert tuple(row)[1:] == ("refused", reason, "")
    # It is no failure that an administrator has to look at, and is not tried again.
    assert jobs == {"done"}
    assert said in browser.get(f"{BASE}/plan/files/{row.uid}").html.find("main").get_text()
    assert browser.get(f"/files/{row.uid}/{name}").body == data
    assert "An hour of work." in browser.get(f"{BASE}/plan")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_without_room_keeps_the_text_on_the_page_and_goes_on_reading(handbook: Any, engine: Engine) -> None:
    browser: TestApp = handbook.member
    address = write(browser, "Plan", body="What is there.").location
    form = form_of(browser.get(f"{address}/edit"))
    form["body"] = typed = "An hour of work. " * 10_000
    is_full = True

    @event.listens_for(engine, "checkout")
    def no_more_pages(connection: Any, *_more: Any) -> None:
        # SQLite's own way to be full: the file may not become larger than it is.
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages if is_full else 1_000_000}")

    told = form.submit("act", value="publish", status=507)
    assert "room" in told.html.h1.get_text() + told.html.find("main").get_text()
    assert any(area.get_text().strip() == typed.strip() for area in told.html.find_all("textarea"))
    assert "What is there." in browser.get(address) and browser.get("/") and browser.get("/search?q=plan")
    is_full = False
    assert form.submit("act", value="publish").status_int == 303
    assert "An hour of work." in browser.get(address)
