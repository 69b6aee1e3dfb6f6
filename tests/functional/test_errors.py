"""Error pages: plain words, a reference, in both languages; and never a traceback."""

import re
from typing import Any

import pytest
from pyramid.httpexceptions import (
    HTTPConflict,
    HTTPForbidden,
    HTTPRequestEntityTooLarge,
    HTTPServiceUnavailable,
    HTTPTooManyRequests,
)
from pyramid.request import Request
from sqlalchemy.exc import OperationalError
from webtest import TestApp

from plein.people import directory
from plein.security import bodies
from plein.security.limits import BusyError

REFERENCE = re.compile(r"<code>([2-9b-z]{8})</code>")


@pytest.fixture
def database_kind() -> str:
    """Error pages are the same on every database."""
    return "sqlite"


@pytest.fixture
def browser(make_user, as_user) -> TestApp:
    return as_user(make_user("anna", name="Anna"))


@pytest.fixture
def failing(browser: TestApp, monkeypatch: pytest.MonkeyPatch):
    """``failing(error)``: the directory raises *error*."""

    def fail(error: Exception) -> TestApp:
        def page(*_arguments: Any, **_values: Any) -> Any:
            raise error

        monkeypatch.setattr(directory.Directory, "page", page)
        return browser

    return fail


def locked() -> OperationalError:
    return OperationalError("SELECT secret", {"password": "geheim"}, Exception("database is locked"))


ERRORS = [
    (HTTPForbidden(), 403, "You may not do this"),
    (HTTPConflict(), 409, "Somebody else was just before you"),
    (HTTPRequestEntityTooLarge(), 413, "This is too large"),
    (HTTPTooManyRequests(), 429, "A little slower"),
    (HTTPServiceUnavailable(), 503, "Too busy for a moment"),
    (locked(), 503, "Too busy for a moment"),
    (BusyError("no turn"), 503, "Too busy for a moment"),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), 400, "This cannot be understood"),
    (ValueError("geheim in the message"), 500, "Something went wrong here"),
]


@pytest.mark.parametrize(("error", "status", "words"), ERRORS, ids=[f"{s}-{type(e).__name__}" for e, s, _w in ERRORS])
def test_error_becomes_a_page_with_a_reference(failing, error: Exception, status: int, words: str) -> None:
    page = failing(error).get("/people", status=status)
    assert words in page
    assert REFERENCE.search(page.text)
    assert not re.search(r"Traceback|geheim|OperationalError|ValueError|\.py", page.text)


@pytest.mark.parametrize(("error", "status"), [(HTTPConflict(), 409), (ValueError("x"), 500)])
def test_error_page_speaks_the_readers_language(failing, error: Exception, status: int) -> None:
    page = failing(error).get("/people", headers={"Accept-Language": "nl-NL,nl;q=0.9"}, status=status)
    assert page.html.html["lang"] == "nl"


def test_program_gets_a_problem_document(failing) -> None:
    answer = failing(ValueError("geheim")).get("/people", headers={"Accept": "application/json"}, status=500)
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == 500 and answer.json["instance"].startswith("urn:plein:reference:")
    assert "geheim" not in answer.text


def test_browser_that_takes_anything_gets_a_page(browser: TestApp) -> None:
    for accept in ("*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "", "nonsense;;"):
        assert browser.get("/nothing-here", headers={"Accept": accept}, status=404).content_type == "text/html"


def test_busy_database_says_when_to_come_back(failing) -> None:
    assert int(failing(locked()).get("/people", status=503).headers["Retry-After"]) > 0


def test_page_for_what_broke_needs_no_database(app: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_request: Request) -> Any:
        raise locked()

    monkeypatch.setitem(app.app.registry, "plein.load_viewer", broken)
    page = app.get("/people", status=503)
    assert "Too busy for a moment" in page and REFERENCE.search(page.text)
    assert "Content-Security-Policy" in page.headers


def test_broken_layout_still_gives_a_page(browser: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(browser.app.registry, "plein.layout", None)
    monkeypatch.setattr("plein.web.templating._load_layout", lambda: 1 / 0)
    assert "This page is not here" in browser.get("/nothing-here", status=404)


def test_broken_error_page_still_gives_an_answer(failing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plein.web.errors.render", lambda *_arguments: 1 / 0)
    answer = failing(ValueError("geheim")).get("/people", status=500)
    assert "geheim" not in answer and "Content-Security-Policy" in answer.headers


def test_stranger_is_sent_to_sign_in_and_a_program_is_told(app: TestApp) -> None:
    assert app.get("/people", status=303).location.endswith("/sign-in?next=%2Fpeople")
    app.get("/people", headers={"Accept": "application/json"}, status=401)


def test_signed_in_without_permission_is_refused(browser: TestApp) -> None:
    browser.get("/admin/users", status=403)


@pytest.mark.parametrize("path", ["/nothing", "/spaces/%00", "/people/%00", "/people?q=%00", "/people?q=%c3%28"])
def test_strange_address_is_an_error_page_not_a_crash(browser: TestApp, path: str) -> None:
    assert browser.get(path, status="*").status_int in (400, 404)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"name=%ff", "application/x-www-form-urlencoded"),
        (b"no boundary", "multipart/form-data"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    ],
)
def test_unreadable_form_is_an_error_page(browser: TestApp, body: bytes, content_type: str) -> None:
    assert browser.post("/me/preferences", body, content_type=content_type, status="*").status_int in (400, 403)


def test_form_with_absurdly_many_fields_is_refused(browser: TestApp) -> None:
    body = b"&".join([b"a=1"] * (bodies.MAX_FIELDS + 2))
    browser.post("/me/preferences", body, content_type="application/x-www-form-urlencoded", status=413)
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    many = part * (bodies.MAX_FIELDS + 1) + b"--x--\r\n"
    browser.post("/me/preferences", many, content_type="multipart/form-data; boundary=x", status=413)


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "text/plain", "image/png"])
def test_a_body_that_is_too_large_is_refused_whatever_it_is(
    browser: TestApp, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = dict(browser.app.registry["plein.settings"]) | {"plein.max_body_mb": 1}
    monkeypatch.setitem(browser.app.registry, "plein.settings", values)
    browser.post("/me/preferences", b"x" * ((1 << 20) + 1), content_type=kind, status=413)
