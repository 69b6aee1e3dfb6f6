"""Files of a page: added, shown safely, replaced, renamed, removed and put back; refused in a sentence."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from file_servers import s3_server
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse, Upload

from plein.content.files.models import AttachmentVersion, HeldFile, PictureSize
from plein.content.models import Attachment, Content

BASE = "/spaces/handbook/wiki"


@pytest.fixture
def settings_values(settings_values: dict[str, str]) -> dict[str, str]:
    return settings_values | dict.fromkeys(("plein.write_limit", "plein.upload_limit"), "10000")


@pytest.fixture
def people(make_user: Callable, make_space: Callable) -> dict[str, Any]:
    people = {name: make_user(name) for name in ("member", "colleague", "reader", "outsider")}
    roles = {people["member"]: "member", people["colleague"]: "member", people["reader"]: "reader"}
    make_space("handbook", access="closed", members=roles)
    return people


@pytest.fixture
def browser(people: dict[str, Any], as_user: Callable) -> TestApp:
    return as_user(people["member"])


@pytest.fixture
def page(browser: TestApp) -> str:
    post(browser, f"{BASE}/-/new", 303, title="Plan", body="See ![](file:foto.png) and [notes](file:my%20notes.txt).")
    return f"{BASE}/plan"


def token(browser: TestApp) -> str:
    return str(browser.get("/accessibility").html.find("meta", attrs={"name": "csrf-token"})["content"])


def post(browser: TestApp, address: str, status: int | str = "*", **fields: Any) -> TestResponse:
    return browser.post(address, {"csrf_token": token(browser), **fields}, status=status)


def attach(browser: TestApp, page: str, name: str, content: bytes, status: int = 303, **fields: Any) -> TestResponse:
    return post(browser, f"{page}/files/-/attach", status, file=Upload(name, content), **fields)


def picture(width: int = 700, height: int = 350, kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(target, kind)
    return target.getvalue()


def blank(width: int, height: int) -> bytes:
    """Large, and still made in a moment."""
    target = io.BytesIO()
    Image.new("1", (width, height)).save(target, "PNG")
    return target.getvalue()


def ask(db: Session, statement: Any) -> list[Any]:
    """What is in the database now. The test holds no lock afterwards."""
    found = list(db.scalars(statement))
    db.expunge_all()
    db.rollback()
    return found


def only(db: Session, model: Any = Attachment) -> Any:
    (found,) = ask(db, select(model))
    return found


def test_a_picture_is_shown_in_several_sizes_and_read_aloud(
    browser: TestApp, page: str, db: Session, run_jobs: Callable
) -> None:
    attach(browser, page, "foto.png", picture())
    files = browser.get(f"{page}/files")
    form = next(form for form in files.forms.values() if "decorative" in form.fields and "alt" in form.fields)
    form["alt"] = "Het gemeentehuis"
    form.submit("nothing", status=303)
    shown = browser.get(page).html.find("img", attrs={"src": lambda src: src and src.endswith("foto.png")})
    assert (shown["alt"], shown["width"], shown["height"], shown["loading"]) == (
        "Het gemeentehuis",
        "700",
        "350",
        "lazy",
    )
    uid = only(db).uid
    assert (
        shown["srcset"] == f"/files/{uid}/320/foto.png 320w, /files/{uid}/640/foto.png 640w, /files/{uid}/foto.png 700w"
    )
    # Not made yet: the picture as it is.
    assert browser.get(f"/files/{uid}/320/foto.png").content_type == "image/png"
    assert run_jobs()
    small = browser.get(f"/files/{uid}/320/foto.png")
    assert small.content_type == "image/webp" and Image.open(io.BytesIO(small.body)).size == (320, 160)
    assert sorted(ask(db, select(PictureSize.width))) == [320, 640]
    assert small.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    run_jobs()


def test_a_file_keeps_what_it_was_and_gets_it_back(browser: TestApp, page: str, db: Session) -> None:
    attach(browser, page, "my notes.txt", b"first")
    attach(browser, page, "my notes.txt", b"second")
    uid, where = only(db).uid, f"/files/{only(db).uid}/my%20notes.txt"
    assert browser.get(where).body == b"second" and only(db).version == 2
    earlier = browser.get(f"{page}/files/{uid}/1")
    assert earlier.body == b"first" and earlier.headers["Content-Disposition"].startswith("attachment")
    post(browser, f"{page}/files/-/restore", 303, uid=uid, version="1")
    assert browser.get(where).body == b"first" and only(db).version == 3
    browser.get(f"{page}/files/{uid}/9", status=404)
    post(browser, f"{page}/files/-/restore", 404, uid=uid, version="9" * 30)


def test_a_removed_file_comes_back_by_undo_at_its_old_address(browser: TestApp, page: str, db: Session) -> None:
    attach(browser, page, "my notes.txt", b"first")
    uid = only(db).uid
    answer = post(browser, f"{page}/files/-/detach", 303, uid=uid).follow()
    browser.get(f"/files/{uid}/my%20notes.txt", status=404)
    undo = next(form for form in answer.forms.values() if form.action.endswith("/restore"))
    undo.submit(status=303)
    assert browser.get(f"/files/{uid}/my%20notes.txt").body == b"first"
    assert 'class="file"' in browser.get(page).text


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_links_follow_a_file_that_is_renamed(browser: TestApp, page: str, db: Session) -> None:
    attach(browser, page, "my notes.txt", b"first")
    attach(browser, page, "other.txt", b"other")
    (uid,) = ask(db, select(Attachment.uid).where(Attachment.name == "my notes.txt"))
    taken = post(browser, f"{page}/files/-/describe", 422, uid=uid, name="other")
    assert "Another file of this page has that name." in taken.text
    post(browser, f"{page}/files/-/describe", 303, uid=uid, name="verslag [nieuw]")
    item = only(db, Content)
    assert "[notes](file:verslag%20%5Bnieuw%5D.txt)" in item.body and item.version == 2
    assert f"/files/{uid}/verslag%20%5Bnieuw%5D.txt" in item.html
    assert browser.get(f"/files/{uid}/my%20notes.txt", status=302).follow().body == b"first"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_file_that_is_replaced_by_another_kind_keeps_its_address(browser: TestApp, page: str, db: Session) -> None:
    attach(browser, page, "my notes.txt", b"first")
    uid = only(db).uid
    attach(browser, page, "anything.pdf", b"%PDF-1.4 x", uid=uid)
    assert (only(db).uid, only(db).name, only(db).media_type) == (uid, "my notes.pdf", "application/pdf")
    assert only(db, AttachmentVersion).name == "my notes.txt"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_page_of_a_file_says_where_it_is_used(browser: TestApp, page: str, db: Session) -> None:
    attach(browser, page, "my notes.txt", b"first")
    uid = only(db).uid
    post(browser, f"{BASE}/-/new", 303, title="Elsewhere", body=f"[it](/files/{uid}/my%20notes.txt)")
    shown = browser.get(f"{page}/files/{uid}")
    assert any(link["href"] == f"{BASE}/elsewhere" for link in shown.html.find_all("a"))


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("leeg.txt", b"", "is empty"),
        ("foto.png", b"no picture at all", "not a picture"),
        ("foto.jpg", b"%PDF-1.4", "not a picture"),
        ("groot.png", blank(8_000, 6_000), "million pixels"),
    ],
    ids=["empty", "no picture", "a lie", "too many pixels"],
)
def test_a_bad_file_is_refused_in_a_sentence(
    browser: TestApp, page: str, db: Session, name: str, content: bytes, said: str
) -> None:
    assert said in attach(browser, page, name, content).follow().text
    assert ask(db, select(Attachment.id)) == []
    told = browser.post(
        f"{page}/files/-/attach",
        {"csrf_token": token(browser), "file": Upload(name, content)},
        headers={"X-Requested-With": "plein"},
        status=422,
    )
    assert said in told.json["refused"][0] and told.json["files"] == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_odd_names_are_made_safe(browser: TestApp, page: str, db: Session) -> None:
    for name in ("../../x", f"{'n' * 300}.txt"):
        attach(browser, page, name, name.encode())
    assert set(ask(db, select(Attachment.name))) == {"x", f"{'n' * 146}.txt"}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_script_is_told_how_to_write_a_file(browser: TestApp, page: str) -> None:
    told = browser.post(
        f"{page}/files/-/attach",
        {"csrf_token": token(browser), "file": Upload("a [1].png", picture(10, 10))},
        headers={"X-Requested-With": "plein"},
    )
    assert told.json["files"][0]["markdown"] == "![](file:a%20%5B1%5D.png)"


def test_a_new_page_gets_the_files_that_its_text_names(
    browser: TestApp, people: dict, as_user: Callable, db: Session
) -> None:
    for name in ("foto.png", "unused.png"):
        told = browser.post(f"{BASE}/-/hold", {"csrf_token": token(browser), "file": Upload(name, picture(30, 20))})
        assert told.json["files"][0]["markdown"] == f"![](file:{name})"
    (held,) = ask(db, select(HeldFile.uid).where(HeldFile.name == "foto.png"))
    assert browser.get(f"/files/{held}/foto.png").content_type == "image/png"
    as_user(people["reader"]).get(f"/files/{held}/foto.png", status=404)
    preview = post(browser, f"{BASE}/-/preview", body="![Huis](file:foto.png)")
    assert f"/files/{held}/foto.png" in preview.text
    post(browser, f"{BASE}/-/new", 303, title="Nieuw", body="![Huis](file:foto.png)")
    uid = only(db).uid
    assert f'src="/files/{uid}/foto.png"' in browser.get(f"{BASE}/nieuw").text
    assert ask(db, select(HeldFile.name)) == ["unused.png"]


def test_a_new_page_gets_the_files_that_its_form_lists(
    browser: TestApp, people: dict, as_user: Callable, db: Session
) -> None:
    other = as_user(people["colleague"])
    uids = {}
    for who, name in ((browser, "foto.png"), (browser, "left-out.png"), (other, "theirs.png")):
        told = who.post(f"{BASE}/-/hold", {"csrf_token": token(who), "file": Upload(name, picture(30, 20))})
        uids[name] = told.json["files"][0]["uid"]
    listed = {"held": [uids["foto.png"], uids["theirs.png"]]}
    again = post(browser, f"{BASE}/-/new", 422, title="", body="Zonder plaatje", **listed)
    assert [one["value"] for one in again.html.find_all("input", {"name": "held"})] == [uids["foto.png"]]
    post(browser, f"{BASE}/-/new", 303, title="Nieuw", body="Zonder plaatje", **listed)
    assert ask(db, select(Attachment.name)) == ["foto.png"]
    assert sorted(ask(db, select(HeldFile.name))) == ["left-out.png", "theirs.png"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_file_that_is_too_large_for_the_site_or_the_space_is_refused(
    browser: TestApp, page: str, app: TestApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.app.registry["plein.settings"]
    values = dict(settings)
    monkeypatch.setitem(app.app.registry, "plein.settings", values)
    values["plein.files_space_mb"] = 1
    attach(browser, page, "half.bin", b"\x00" * 700_000)
    refused = attach(browser, page, "more.bin", b"\x01" * 700_000).follow()
    assert "does not fit" in refused.text
    # What was replaced is still kept, and counts.
    attach(browser, page, "half.bin", b"\x02" * 300_000)
    assert "does not fit" in attach(browser, page, "half.bin", b"\x03" * 100_000).follow().text
    values["plein.max_upload_mb"] = 1
    values["plein.files_space_mb"] = 0
    assert "larger than 1 MB" in attach(browser, page, "big.bin", b"\x00" * 1_100_000).follow().text


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_only_uploads_may_be_as_large_as_a_file(
    browser: TestApp, page: str, app: TestApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = dict(app.app.registry["plein.settings"]) | {"plein.max_body_mb": 1}
    monkeypatch.setitem(app.app.registry, "plein.settings", values)
    big = Upload("big.bin", b"\x00" * 1_100_000)
    post(browser, f"{page}/files/-/attach", 303, file=big)
    post(browser, f"{page}/edit", 413, file=big)
    post(browser, "/me/photo", 413, file=big)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_full_disk_is_said_clearly_and_nothing_is_half_done(
    browser: TestApp, page: str, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    attach(browser, page, "my notes.txt", b"first")
    monkeypatch.setattr("plein.blobs.local.os.fsync", full)
    answer = attach(browser, page, "my notes.txt", b"second", 507)
    assert "no room left" in answer.text
    uid = only(db).uid
    assert browser.get(f"/files/{uid}/my%20notes.txt").body == b"first" and browser.get(page)


@pytest.mark.parametrize("database_kind", ["sqlite"])
class TestInS3:
    """The same pages, with files in a real S3 server."""

    @pytest.fixture
    def settings_values(self, settings_values: dict[str, str], tmp_path: Path, request: Any) -> Any:
        with s3_server(tmp_path) as values:
            yield settings_values | values

    def test_files_are_sent_by_the_site_or_by_the_store(
        self, browser: TestApp, page: str, app: TestApp, db: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attach(browser, page, "my notes.txt", b"0123456789")
        where = f"/files/{only(db).uid}/my%20notes.txt"
        part = browser.get(where, headers={"Range": "bytes=2-4"}, status=206)
        assert part.body == b"234" and part.headers["Content-Range"] == "bytes 2-4/10"
        values = dict(app.app.registry["plein.settings"]) | {"plein.files_signed_urls": True}
        monkeypatch.setitem(app.app.registry, "plein.settings", values)
        sent = browser.get(where, status=302)
        assert "X-Amz-Expires=60" in sent.location and sent.headers["Cache-Control"] == "no-store"
        TestApp(app.app, extra_environ=app.extra_environ).get(where, status=303)

    def test_a_store_that_is_gone_stops_files_and_nothing_else(
        self, browser: TestApp, page: str, app: TestApp, db: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attach(browser, page, "my notes.txt", b"0123456789")
        where = f"/files/{only(db).uid}/my%20notes.txt"
        store = app.app.registry["plein.blobs"]
        monkeypatch.setattr(store, "endpoint", "http://127.0.0.1:9")
        monkeypatch.setattr(store, "_made", None)
        answer = browser.get(where, status=503)
        assert "cannot be reached" in answer.text and answer.headers["Retry-After"] == "60"
        attach(browser, page, "other.txt", b"x", 503)
        assert browser.get(page).status_int == 200 and only(db).name == "my notes.txt"
