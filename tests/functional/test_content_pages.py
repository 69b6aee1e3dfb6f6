"""The pages that every content type has, walked through as people do."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from webtest import TestApp, TestResponse, Upload

BASE = "/spaces/handbook/wiki"


@pytest.fixture
def editor(make_user: Callable, make_space: Callable, as_user: Callable) -> TestApp:
    user = make_user("editor")
    make_space("handbook", members={user: "editor"})
    make_space("annex", members={user: "editor"})
    return as_user(user)


def fill(page: TestResponse, **fields: str) -> TestResponse:
    """Fill the page's editor form and send it."""
    form = next(form for form in page.forms.values() if "body" in form.fields)
    for name, value in fields.items():
        form[name] = value
    return form.submit(expect_errors=True)


def write(browser: TestApp, title: str, body: str = "Some text.", **fields: str) -> TestResponse:
    return fill(browser.get(f"{BASE}/-/new"), title=title, body=body, **fields)


def token(browser: TestApp) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', browser.get(BASE).text)
    assert found is not None
    return found[1]


def post(browser: TestApp, address: str, **fields: str) -> TestResponse:
    return browser.post(f"{BASE}{address}", {"csrf_token": token(browser), **fields})


def picture(size: tuple[int, int] = (8, 6)) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "navy").save(target, "PNG", pnginfo=None)
    return target.getvalue()


def test_a_page_is_written_read_and_found_in_the_list(editor: TestApp) -> None:
    answer = write(editor, "Parking permits", "## Where\n\nAt the desk.")
    assert answer.status_int == 303 and answer.location.endswith(f"{BASE}/parking-permits")
    page = answer.follow()
    assert page.html.h1.text == "Parking permits"
    assert page.html.find(id="user-content-where") is not None
    assert "Parking permits" in editor.get(BASE)
    assert "Parking permits" in editor.get(f"{BASE}/-/recent")


def test_a_form_that_is_refused_keeps_what_was_typed(editor: TestApp) -> None:
    answer = write(editor, "", "A long story", tags="one, two")
    assert answer.status_int == 422
    assert "A long story" in answer and "one, two" in answer
    assert answer.html.find(class_="error-summary") is not None
    big = write(editor, "Big", "x" * 300_000)
    assert big.status_int == 422 and "256 KB" in big and "x" * 1000 in big
    deep = write(editor, "Deep", ">" * 2000 + " too deep")
    assert deep.status_int == 422 and "too deep" in deep


def test_markup_of_a_page_is_escaped_everywhere(editor: TestApp) -> None:
    evil = "<script>alert(1)</script>"
    address = write(editor, evil, evil, tags=evil).location
    fill(editor.get(f"{address}/edit"), body=f"changed {evil}", note=evil)
    pages = ["", "/edit", "/history", "/diff", "/version/1", "/links", "/files", "/move", "/print"]
    for page in [f"{address}{part}" for part in pages] + [BASE, f"{BASE}/-/recent", f"{BASE}/-/orphans"]:
        answer = editor.get(page)
        assert "<script>alert" not in answer.text, page
        assert "alert(1)" in answer.text or page.endswith("/files"), page


def test_the_difference_shows_the_words_that_changed(editor: TestApp) -> None:
    address = write(editor, "Rules", "The cat sat.").location
    fill(editor.get(f"{address}/edit"), body="The dog sat.", note="it is a dog")
    page = editor.get(f"{address}/diff")
    assert (page.html.find("del").text, page.html.find("ins").text) == ("cat", "dog")
    assert "it is a dog" in editor.get(f"{address}/history")
    assert "The cat sat." in editor.get(f"{address}/version/1")
    assert "The dog sat." in editor.get(f"{address}/raw")


def test_an_old_version_can_be_made_the_newest(editor: TestApp) -> None:
    address = write(editor, "Rules", "First.").location
    fill(editor.get(f"{address}/edit"), body="Second.")
    restored = post(editor, "/rules/restore", version="1").follow()
    assert "First." in restored
    for nonsense in ("9", "x", "", "-1", "9" * 30):
        assert (
            editor.post(
                f"{BASE}/rules/restore", {"csrf_token": token(editor), "version": nonsense}, status=404
            ).status_int
            == 404
        )


def test_a_clash_brings_both_texts_back_and_the_next_save_goes_through(editor: TestApp) -> None:
    address = write(editor, "List", "one\n\ntwo\n\nthree").location
    mine = editor.get(f"{address}/edit")
    fill(editor.get(f"{address}/edit"), body="one\n\nTWO\n\nthree")
    clash = fill(mine, body="ONE\n\n2\n\nthree")
    assert clash.status_int == 409
    assert "TWO" in clash and "ONE" in clash.html.find("textarea").text
    unchosen = fill(clash)
    assert unchosen.status_int == 422
    assert "TWO" in unchosen and "ONE" in unchosen.html.find("textarea").text
    saved = fill(unchosen, **{"clash-0": "mine"})
    assert saved.status_int == 303
    assert editor.get(f"{address}/raw").text == "ONE\n\n2\n\nthree"
    assert "TWO" in editor.get(f"{address}/version/2")


def test_a_page_that_got_another_name_or_place_keeps_its_old_address(editor: TestApp) -> None:
    address = write(editor, "Desk", "x").location
    fill(editor.get(f"{address}/edit"), title="Front desk")
    assert editor.get(address).status_int == 302
    moved = post(editor, "/front-desk/move", space="annex")
    assert moved.location.endswith("/spaces/annex/wiki/front-desk")
    assert editor.get(address).location.endswith("/spaces/annex/wiki/front-desk")
    write(editor, "Desk", "a new one")
    assert "a new one" in editor.get(address)


def test_deleting_can_be_undone_from_the_notice(editor: TestApp) -> None:
    address = write(editor, "Old", "x").location
    after = post(editor, "/old/delete").follow()
    undo = next(form for form in after.forms.values() if form.action.endswith("/undelete"))
    assert "Old" in editor.get(f"{BASE}/-/trash")
    assert "Old" in undo.submit().follow().html.h1.text
    assert editor.get(address).status_int == 200


def test_a_picture_is_made_anew_and_shown_and_another_file_is_a_download(editor: TestApp) -> None:
    address = write(editor, "Map", "![the map](file:map.png)").location
    assert "map.png" in editor.get(address) and editor.get(address).html.find("img") is None
    dirty = picture() + b"<script>alert(1)</script>"
    sent = {"csrf_token": token(editor), "file": Upload("map.png", dirty)}
    editor.post(f"{address}/files/-/attach", sent, status=303)
    image = editor.get(address).html.find("img", alt="the map")
    assert (image["width"], image["height"]) == ("8", "6")
    answer = editor.get(image["src"])
    assert answer.content_type == "image/png" and b"script" not in answer.body
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    editor.post(f"{address}/files/-/attach", {"csrf_token": token(editor), "file": Upload("a.html", b"<b>hi</b>")})
    link = editor.get(f"{address}/files").html.find("a", string="a.html")["href"]
    answer = editor.get(link)
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [("x.png", b"no picture", "not a picture"), ("x.svg.png", b"<svg/>", "not a picture"), ("x.txt", b"", "empty")],
)
def test_a_file_that_is_not_taken_says_why(editor: TestApp, name: str, data: bytes, word: str) -> None:
    address = write(editor, "Map", "x").location
    answer = editor.post(f"{address}/files/-/attach", {"csrf_token": token(editor), "file": Upload(name, data)})
    page = answer.follow()
    assert word in page and name in page
    assert page.html.find("table") is None


def test_a_picture_with_too_many_pixels_is_not_taken(editor: TestApp, settings_values: dict[str, str]) -> None:
    address = write(editor, "Map", "x").location
    target = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(target, "PNG")
    sent = {"csrf_token": token(editor), "file": Upload("huge.png", target.getvalue())}
    assert "40 million pixels" in editor.post(f"{address}/files/-/attach", sent).follow()


def test_the_preview_is_what_saving_gives(editor: TestApp) -> None:
    body = "# One\n\n[[Page]] *and* | more"
    preview = post(editor, "/-/preview", body=body)
    address = write(editor, "Real", body).location
    shown = editor.get(address).html.find(class_="prose").decode_contents().strip()
    assert shown == preview.html.decode_contents().strip()


def test_a_wiki_page_stays_within_eight_statements_and_lists_within_ten(
    editor: TestApp, count_statements: Callable
) -> None:
    for number in range(12):
        write(editor, f"Page {number}", f"[[Page {number + 1}]] [[Nowhere {number}]]")
    for address, budget in (("/page-3", 8), ("", 10), ("/-/recent", 10), ("/-/wanted", 10), ("/-/orphans", 10)):
        editor.get(f"{BASE}{address}")
        with count_statements() as counted:
            editor.get(f"{BASE}{address}")
        assert counted.total <= budget, f"{address}: {counted}"


def test_a_link_to_a_page_that_is_not_there_offers_to_write_it(
    editor: TestApp, make_user: Callable, as_user: Callable
) -> None:
    write(editor, "Source", "[[Terms of use]]")
    page = editor.get(f"{BASE}/terms-of-use", status=404)
    assert page.html.h1.text == "Terms of use"
    form = page.click("Write this page")
    assert form.html.find("input", {"name": "title"})["value"] == "Terms of use"
    visitor = as_user(make_user("visitor"))
    assert "Write this page" not in visitor.get(f"{BASE}/terms-of-use", status=404)
