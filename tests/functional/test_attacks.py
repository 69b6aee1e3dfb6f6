"""Attacks on writing: what is typed, posted to the wrong place, or sent while somebody else changes something."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse, Upload

from plein.content.models import Attachment, Content
from plein.spaces.models import Membership, Space

BASE = "/spaces/handbook/wiki"
EVIL = "\"'><script>alert(1)</script>"


@pytest.fixture
def settings_values(settings_values: dict[str, str]) -> dict[str, str]:
    return settings_values | dict.fromkeys(("plein.write_limit", "plein.upload_limit", "plein.search_limit"), "10000")


@pytest.fixture
def people(make_user: Callable, make_space: Callable) -> dict[str, Any]:
    people = {name: make_user(name) for name in ("manager", "editor", "member", "reader", "outsider")}
    roles = {people[name]: name for name in ("manager", "editor", "member", "reader")}
    make_space("handbook", members=roles)
    make_space("annex", access="hidden", members={people["editor"]: "editor"})
    return people


@pytest.fixture
def browsers(people: dict[str, Any], as_user: Callable) -> dict[str, TestApp]:
    return {name: as_user(user) for name, user in people.items()}


def token(browser: TestApp) -> str:
    return str(browser.get("/spaces").html.find("meta", attrs={"name": "csrf-token"})["content"])


def post(browser: TestApp, address: str, status: int | str = "*", **fields: Any) -> TestResponse:
    return browser.post(address, {"csrf_token": token(browser), **fields}, status=status)


def write(browser: TestApp, title: str, body: str = "Some text.", base: str = BASE, **fields: Any) -> str:
    """A new page; gives its path."""
    answer = post(browser, f"{base}/-/new", 303, title=title, body=body, **fields)
    return "/" + answer.location.split("/", 3)[3]


def change(browser: TestApp, path: str, status: int | str = "*", **fields: Any) -> TestResponse:
    form = next(form for form in browser.get(f"{path}/edit").forms.values() if "body" in form.fields)
    values = {name: form[name].value for name in ("title", "body", "tags", "note", "base_version")}
    return post(browser, f"{path}/edit", status, **{**values, **fields})


# Nobody's text is lost


def test_text_written_while_the_page_was_renamed_is_saved(browsers: dict[str, TestApp]) -> None:
    path = write(browsers["editor"], "Desk", "one\n\ntwo")
    typed = {"title": "Desk", "body": "one\n\ntwo\n\nthree", "tags": "", "base_version": "1"}
    change(browsers["editor"], path, 303, title="Front desk")
    answer = post(browsers["member"], f"{path}/edit", **typed)
    # 307 makes a browser send the form again, to the new address.
    assert answer.status_int == 307 and answer.location.endswith(f"{BASE}/front-desk/edit")
    post(browsers["member"], answer.location, 303, **typed)
    assert browsers["member"].get(f"{BASE}/front-desk/raw").text == "one\n\ntwo\n\nthree"
    assert browsers["member"].get(f"{BASE}/front-desk").html.h1.text == "Front desk"


def test_text_written_while_the_page_was_thrown_away_comes_back(browsers: dict[str, TestApp]) -> None:
    path = write(browsers["editor"], "Desk", "one")
    post(browsers["editor"], f"{path}/delete", 303)
    answer = post(
        browsers["member"], f"{path}/edit", 404, title="Desk", body=f"my hour\nof work {EVIL}", base_version=1
    )
    assert any(f"of work {EVIL}" in area.text for area in answer.html.find_all("textarea"))
    assert "<script>alert" not in answer.text


def test_text_written_while_the_right_to_was_taken_away_comes_back(
    browsers: dict[str, TestApp], people: dict[str, Any], db: Session
) -> None:
    path = write(browsers["editor"], "Desk", "one")
    db.execute(update(Membership).where(Membership.user_id == people["member"].id).values(role="reader"))
    db.commit()
    answer = post(browsers["member"], f"{path}/edit", 403, title="Desk", body="my hour\nof work", base_version=1)
    assert any("my hour" in area.text for area in answer.html.find_all("textarea"))
    assert browsers["editor"].get(f"{path}/raw").text == "one"


def test_a_refused_change_leaves_nothing_behind(browsers: dict[str, TestApp], db: Session) -> None:
    path = write(browsers["member"], "Desk", "one")
    post(browsers["member"], f"{path}/edit", 422, title="Other", body="x" * 300_000, base_version=1)
    post(browsers["member"], f"{path}/edit", 422, title="Other", body=">" * 2000 + " x", base_version=1)
    assert db.execute(select(Content.title, Content.slug, Content.version, Content.body)).all() == [
        ("Desk", "desk", 1, "one")
    ]


def test_a_page_can_always_be_called_what_a_hundred_others_are(browsers: dict[str, TestApp]) -> None:
    paths = {write(browsers["member"], "Minutes", str(number)) for number in range(110)}
    assert len(paths) == 110 and f"{BASE}/minutes-2" in paths


# Somebody else's things


def test_a_file_of_another_page_cannot_be_taken_away(browsers: dict[str, TestApp], db: Session) -> None:
    mine, theirs = write(browsers["member"], "Mine"), write(browsers["editor"], "Theirs")
    post(browsers["editor"], f"{theirs}/files/-/attach", 303, file=Upload("a.txt", b"text"))
    uid = db.scalar(select(Attachment.uid))
    db.rollback()
    post(browsers["member"], f"{mine}/files/-/detach", 404, uid=uid)
    assert browsers["member"].get(f"/files/{uid}/a.txt").body == b"text"


def test_a_version_of_another_page_cannot_be_restored(browsers: dict[str, TestApp]) -> None:
    mine, theirs = write(browsers["member"], "Mine", "mine"), write(browsers["editor"], "Theirs", "theirs 1")
    change(browsers["editor"], theirs, 303, body="theirs 2")
    for version in ("2", "0", "-1", "²", "9" * 20, "9" * 5000, ""):
        post(browsers["member"], f"{mine}/restore", 404, version=version)
    assert browsers["member"].get(f"{mine}/raw").text == "mine"


def test_a_page_of_another_space_cannot_become_the_parent(browsers: dict[str, TestApp], db: Session) -> None:
    write(browsers["editor"], "Secret plan", base="/spaces/annex/wiki")
    for name in ("secret-plan", "Secret plan"):
        path = write(browsers["editor"], "Child", parent=name)
        answer = post(browsers["editor"], f"{path}/place", 422, parent=name, position="0")
        assert "no page with this title" in answer
    from_here = select(Content).where(Content.title == "Child")
    assert {getattr(item, "parent_id", "none") for item in db.scalars(from_here)} == {None}


def test_a_page_cannot_be_moved_to_where_one_may_not_write(
    browsers: dict[str, TestApp], people: dict[str, Any], make_space: Callable
) -> None:
    make_space("readers", members={people["manager"]: "reader"})
    path = write(browsers["manager"], "Page")
    for target in ("annex", "readers", "handbook", "nowhere", "", "\0", EVIL):
        answer = post(browsers["manager"], f"{path}/move", 422, space=target)
        assert "<script>alert" not in answer and "Annex" not in answer
    assert browsers["manager"].get(path).status_int == 200


def test_fields_that_no_form_has_change_nothing(
    browsers: dict[str, TestApp], people: dict[str, Any], db: Session
) -> None:
    extra = {
        "id": "77", "uid": "mine", "type": "x", "space_id": "2", "slug": "evil", "html": EVIL, "state": "draft",
        "restricted": "1", "author_id": "1", "owner_id": "1", "version": "9", "parent_id": "1", "position": "5",
        "kind": "import", "created_at": "2000-01-01", "is_admin": "1", "role": "manager",
    }  # fmt: skip
    path = write(browsers["member"], "Page", "text", **extra)
    change(browsers["member"], path, 303, **{**extra, "body": "changed"})
    item: Any = db.scalars(select(Content)).one()
    assert (item.slug, item.state, item.restricted, item.version, item.position) == ("page", "published", False, 2, 0)
    assert (item.author_id, item.owner_id) == (people["member"].id, people["member"].id)
    assert item.parent_id is None and item.uid != "mine" and "script" not in item.html
    assert item.created_at.year > 2000
    db.rollback()
    post(browsers["manager"], "/spaces/handbook/-/settings", 303, name="Handbook", access="open", slug="evil", uid="x")
    assert db.scalars(select(Space.slug).order_by(Space.id)).all() == ["handbook", "annex"]


# What is shown again


def test_names_with_markup_are_text_on_every_page(
    browsers: dict[str, TestApp], make_user: Callable, as_user: Callable
) -> None:
    browser = as_user(make_user("mallory", name=EVIL))
    made = post(browser, "/spaces/-/new", 303, name=f"Space {EVIL}", purpose=EVIL, access="open", language="en")
    space = "/" + made.location.split("/", 3)[3]
    path = write(browser, EVIL, f"{EVIL} [[{EVIL}]] [[a|{EVIL}]]", base=f"{space}/wiki", tags=EVIL, note=EVIL)
    post(browser, f"{path}/files/-/attach", 303, file=Upload(f"{EVIL}.html", b"<script>alert(1)</script>"))
    notice = post(browser, f"{path}/files/-/attach", 303, file=Upload(f"{EVIL}.png", b"no picture")).follow()
    typed = {"tags": EVIL, "note": EVIL, "base_version": "1"}
    stale = post(browser, f"{path}/edit", 303, title=f"T {EVIL}", body=f"b {EVIL}", **typed)
    clash = post(browser, stale.location + "/edit", 409, title=f"U {EVIL}", body=f"c {EVIL}", **typed)
    item = stale.location
    pages = ["", "/edit", "/history", "/diff", "/version/1", "/links", "/files", "/move", "/print", "/place"]
    addresses = [*(item + page for page in pages), space, f"{space}/-/members", f"{space}/-/settings", "/", "/spaces"]
    addresses += [f"{space}/wiki/-/{page}" for page in ("recent", "wanted", "orphans")] + ["/people", "/people/mallory"]
    addresses += [f"{space}/wiki/{EVIL}", f"/search?q={EVIL}&tag={EVIL}&space={EVIL}", f"{space}/wiki?after={EVIL}"]
    shown = [browser.get(address, status="*") for address in addresses]
    shown += [notice, clash, post(browser, f"{item}/delete", 303).follow()]
    for answer in shown:
        assert "<script>alert" not in answer.text, answer.request.url
        handlers = [tag for tag in answer.html.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
        assert not handlers, answer.request.url
    assert "alert(1)" in notice.text and "alert(1)" in clash.text


def test_a_file_name_cannot_write_headers_or_leave_its_folder(browsers: dict[str, TestApp], db: Session) -> None:
    path = write(browsers["member"], "Page")
    names = [
        'a"; filename=evil.html',
        "a\r\nSet-Cookie: x=1",
        "../../../etc/passwd",
        "..",
        "C:\\x\\y.txt",
        "é\u202egnp.txt",
    ]
    for name in names:
        post(browsers["member"], f"{path}/files/-/attach", 303, file=Upload(name, name.encode()))
    stored = db.execute(select(Attachment.uid, Attachment.name)).all()
    db.rollback()
    assert stored
    for uid, name in stored:
        assert not set('/\\"\r\n\u202e') & set(name) and name not in (".", "..")
        link = next(a["href"] for a in browsers["member"].get(f"{path}/files").html.find_all("a") if uid in a["href"])
        answer = browsers["member"].get(link)
        assert answer.headers["Content-Disposition"].isascii() and '"' not in answer.headers["Content-Disposition"]
        assert "Set-Cookie" not in answer.headers and answer.content_type == "application/octet-stream"
        # Any other name leads to its own: that is what it is called now.
        moved = browsers["member"].get(f"/files/{uid}/other.html", status=302)
        assert moved.location.endswith(f"/files/{uid}/{quote(name)}")


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"GIF89a/*<script>*/=alert(1)//",
        b"%PDF-1.4\n<script>alert(1)</script>",
        b"\xff\xd8\xff<script>alert(1)</script>",
    ],
    ids=["svg", "html", "gif and script", "pdf", "jpeg and script"],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_upload_that_is_a_page_or_two_things_at_once_never_opens_here(
    browsers: dict[str, TestApp], db: Session, content: bytes
) -> None:
    path = write(browsers["member"], "Page")
    post(browsers["member"], f"{path}/files/-/attach", 303, file=Upload("x.svg", content, "image/svg+xml"))
    stored = db.execute(select(Attachment.uid, Attachment.name)).all()
    db.rollback()
    for uid, name in stored:
        answer = browsers["member"].get(f"/files/{uid}/{name}")
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
