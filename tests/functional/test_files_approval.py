"""Where changes need approval, a file is no way around it: those of what is read change only while it is a draft."""

from collections.abc import Callable
from typing import Any

import pytest
from life_of_pages import BASE, write
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from webtest import TestApp, Upload

from plein.content.approving import NEEDED
from plein.content.files.models import AttachmentVersion
from plein.content.files.services import AttachmentService, FilesNeedApproval
from plein.content.models import Attachment, Content, PolicyValue
from plein.people.models import User

SENTENCE = "here somebody else looks at a change first"


@pytest.fixture
def plan(handbook: Any, db: Session) -> str:
    """The address of a published page with a file, in a place where changes need approval from now on."""
    address = write(handbook.editor, "Plan", body="See [it](file:plan.txt).").location
    send(handbook.editor, address, "plan.txt", b"as it was looked at")
    db.add(PolicyValue(name=NEEDED.name, type="wiki.page", space_id=None, value=True))
    db.commit()
    return f"{BASE}/plan"


def token(browser: TestApp) -> str:
    return next(
        form["csrf_token"].value for form in browser.get("/people").forms.values() if "csrf_token" in form.fields
    )


def send(browser: TestApp, address: str, name: str, data: bytes, status: int = 303, **more: Any) -> Any:
    fields = {"csrf_token": token(browser), "file": Upload(name, data), **more.pop("fields", {})}
    return browser.post(f"{address}/files/-/attach", fields, status=status, **more)


def stored(db: Session) -> Any:
    db.rollback()
    found = db.execute(select(Attachment.uid, Attachment.name, Attachment.alt, Attachment.version)).all()
    earlier = db.scalar(select(func.count(AttachmentVersion.id)))
    db.rollback()
    return found, earlier


@pytest.mark.parametrize("who", ["manager", "editor", "member"])
def test_no_role_changes_the_files_of_what_is_read(handbook: Any, plan: str, db: Session, who: str) -> None:
    browser: TestApp = getattr(handbook, who)
    before = stored(db)
    uid = before[0][0].uid
    assert SENTENCE in send(browser, plan, "new.txt", b"unseen", 409)
    assert SENTENCE in send(browser, plan, "plan.txt", b"unseen", 409)
    assert SENTENCE in send(browser, plan, "other.txt", b"unseen", 409, fields={"uid": uid})
    for act, fields in (
        ("detach", {}),
        ("describe", {"name": "other"}),
        ("describe", {"alt": "What it shows"}),
        ("restore", {"version": "1"}),
    ):
        answer = browser.post(f"{plan}/files/-/{act}", {"csrf_token": token(browser), "uid": uid, **fields}, status=409)
        assert SENTENCE in answer
    assert stored(db) == before
    assert browser.get(f"/files/{uid}/plan.txt").body == b"as it was looked at"


def test_a_script_is_told_in_the_same_words(handbook: Any, plan: str, db: Session) -> None:
    told = send(handbook.editor, plan, "new.txt", b"unseen", 422, headers={"X-Requested-With": "plein"})
    assert told.json["files"] == [] and SENTENCE in told.json["refused"][0]
    assert len(stored(db)[0]) == 1


def test_pages_offer_nothing_that_would_be_refused(handbook: Any, plan: str, db: Session) -> None:
    uid = stored(db)[0][0].uid
    for page in (handbook.editor.get(f"{plan}/files"), handbook.editor.get(f"{plan}/files/{uid}")):
        assert SENTENCE in page.html.find("main").get_text()
        assert not [form for form in page.forms.values() if "/files/-/" in form.action]
    form = handbook.editor.get(f"{plan}/edit")
    assert SENTENCE in form and form.html.find(id="upload-files") is None
    assert SENTENCE not in handbook.reader.get(f"{plan}/files")


def test_files_change_while_it_is_a_draft_and_wait_with_it_for_approval(handbook: Any, plan: str, db: Session) -> None:
    db.execute(update(Content).values(state="draft"))
    db.commit()
    send(handbook.editor, plan, "plan.txt", b"better")
    uid = stored(db)[0][0].uid
    handbook.reader.get(f"/files/{uid}/plan.txt", status=404)
    assert handbook.editor.get(f"/files/{uid}/plan.txt").body == b"better"


def test_where_nothing_needs_approval_files_change_at_once(handbook: Any, plan: str, db: Session) -> None:
    db.execute(delete(PolicyValue))
    db.commit()
    send(handbook.member, plan, "plan.txt", b"better")
    assert stored(db)[0][0].version == 2


def test_what_is_published_while_a_file_is_on_its_way_does_not_get_it(
    handbook: Any, plan: str, db: Session, session_of: Callable, viewer_of: Callable
) -> None:
    db.execute(update(Content).values(state="draft"))
    db.commit()
    editor: User = handbook.people["editor"]
    with session_of(editor) as session:
        item = session.scalars(select(Content)).one()
        session.commit()
        db.execute(update(Content).values(state="published"))
        db.commit()
        # The item of before still says that it is a draft.
        assert item.state == "draft"
        with pytest.raises(FilesNeedApproval):
            AttachmentService(session, viewer_of(editor)).remove(item, stored(db)[0][0].uid)
