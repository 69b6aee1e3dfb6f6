"""Lost and found as people meet it."""

import struct
import zlib

import pytest

from plein.testing import contract_of

test_contract = contract_of("lostfound")


def photo(width=600, height=300):
    """A picture in one colour, as a file."""

    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", rows) + part(b"IEND", b"")


@pytest.fixture
def base(space):
    return f"{space.url}/lostfound"


@pytest.fixture
def finder(space, as_user):
    return as_user(space.member)


@pytest.fixture
def found(finder, base):
    """The page of an umbrella that a member found."""
    form = finder.get(f"{base}/-/new").forms["item-form"]
    form["title"], form["place"], form["day"] = "Blue umbrella", "Town hall, desk 2", "2026-11-26"
    return form.submit(status=303).follow().request.path


def claim(browser, path):
    form = next(form for form in browser.get(path).forms.values() if form.action.endswith("/claim"))
    return form.submit(status=303).follow()


def test_whose_it_is_says_so_and_the_finder_hears_of_it(space, as_user, finder, found, jobs):
    page = claim(as_user(space.reader), found)
    assert "This is Reader’s" in page.html.find("main").text
    jobs()
    assert "Reader says that Blue umbrella is theirs" in finder.get("/inbox").html.find("main").text


def test_the_finder_gets_mail(mailbox, db, space, as_user, found, jobs):
    stored = db.merge(space.member)
    stored.email = "member@example.nl"
    db.commit()
    claim(as_user(space.reader), found)
    jobs()
    assert [one["To"] for one in mailbox] == ["member@example.nl"]


def test_what_is_claimed_cannot_be_claimed_again(space, as_user, found):
    reader, editor = as_user(space.reader), as_user(space.editor)
    late = next(form for form in editor.get(found).forms.values() if form.action.endswith("/claim"))
    claim(reader, found)
    page = late.submit(status=303).follow()
    assert "Somebody else was first" in page.text and "This is Reader’s" in page.text
    assert not [form for form in page.forms.values() if form.action.endswith("/claim") and "act" not in form.fields]


def test_a_claim_is_taken_back_by_who_made_it_alone(space, as_user, found):
    reader, editor = as_user(space.reader), as_user(space.editor)
    page = claim(reader, found)
    token = editor.get(found).html.find("meta", {"name": "csrf-token"})["content"]
    editor.post(f"{found}/claim", {"csrf_token": token, "act": "back"}, status=303)
    assert "This is Reader’s" in reader.get(found).text
    undo = next(form for form in page.forms.values() if "act" in form.fields and form["act"].value == "back")
    assert "This is Reader’s" not in undo.submit(status=303).follow().text


def test_the_button_stands_beside_the_menu(space, as_user, found):
    page = as_user(space.reader).get(found).html
    button = page.find("form", action=f"{found}/claim")
    assert button and button.find_parent("details") is None


def test_who_may_not_claim_has_no_button(space, as_user, app, found):
    assert app.get(found, status=303).location.startswith("http://127.0.0.1:6543/sign-in")


def test_its_photo_is_shown(finder, found):
    page = finder.get(f"{found}/files")
    form = next(form for form in page.forms.values() if form.action.endswith("/attach"))
    finder.post(form.action, {"csrf_token": form["csrf_token"].value}, upload_files=[("file", "blue.png", photo())])
    shown = finder.get(found).html.find("img", alt="Blue umbrella")
    assert shown["src"].endswith("/blue.png") and int(shown["width"]) == 2 * int(shown["height"])
    assert finder.get(shown["src"]).content_type.startswith("image/")
    card = finder.get(found.rpartition("/")[0]).html.find("li", class_="card")
    assert card.img["src"] == shown["src"] and card.h2.text == "Blue umbrella"


def test_it_is_found(finder, found, jobs):
    jobs()
    assert "Blue umbrella" in finder.get("/search?q=umbrella").html.find("main").text
