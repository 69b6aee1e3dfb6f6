"""Forged requests: what comes from elsewhere, or without a token of this browser, changes nothing."""

from typing import Any

import pytest
from webtest import TestApp

ORIGIN = "http://127.0.0.1:6543"


@pytest.fixture
def database_kind() -> str:
    """What is tested here is the same on every database."""
    return "sqlite"


@pytest.fixture
def browser(make_user, as_user) -> TestApp:
    return as_user(make_user("anna", name="Anna"))


def token_of(browser: TestApp) -> str:
    return browser.get("/me/preferences").html.find("input", {"name": "csrf_token"})["value"]


def post(browser: TestApp, token: str | None, status: int, *, origin: str | None = ORIGIN, **headers: str) -> Any:
    browser.extra_environ.pop("HTTP_ORIGIN", None)
    if origin is not None:
        headers["Origin"] = origin
    fields = {"name": "Anna Changed", "locale": "", "theme": "auto"} | ({"csrf_token": token} if token else {})
    return browser.post("/me/preferences", fields, headers=headers, status=status)


def name_of(browser: TestApp) -> str:
    return browser.get("/me/preferences").html.find("input", {"name": "name"})["value"]


def test_form_of_this_browser_is_accepted(browser: TestApp) -> None:
    post(browser, token_of(browser), 303)
    assert name_of(browser) == "Anna Changed"


def test_token_in_a_header_is_accepted(browser: TestApp) -> None:
    post(browser, None, 303, **{"X-CSRF-Token": token_of(browser)})


@pytest.mark.parametrize("token", [None, "", "wrong", "é", "0" * 64])
def test_form_without_the_right_token_is_refused(browser: TestApp, token: str | None) -> None:
    post(browser, token, 403)
    assert name_of(browser) == "Anna"


@pytest.mark.parametrize(
    "origin",
    ["https://example.org", "null", "http://127.0.0.1:6544", "https://127.0.0.1:6543", "http://localhost:6543"],
)
def test_form_of_another_site_is_refused_even_with_the_token(browser: TestApp, origin: str) -> None:
    page = post(browser, token_of(browser), 403, origin=origin)
    assert "Anna Changed" not in page
    assert name_of(browser) == "Anna"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Referer": f"{ORIGIN}/me/preferences"}, 303),
        ({"Referer": "https://example.org/"}, 403),
        ({"Referer": f"https://example.org/{ORIGIN}"}, 403),
        ({}, 403),
    ],
)
def test_without_an_origin_the_browser_must_say_it_otherwise(
    browser: TestApp, headers: dict[str, str], status: int
) -> None:
    post(browser, token_of(browser), status, origin=None, **headers)


def test_token_of_somebody_else_is_refused(browser: TestApp, make_user, as_user) -> None:
    post(browser, token_of(as_user(make_user("ben"))), 403)


def test_token_ends_with_the_session(browser: TestApp, make_user, as_user) -> None:
    user = make_user("carla")
    first, second = as_user(user), as_user(user)
    post(second, token_of(first), 403)


def test_refused_form_is_kept_and_can_be_sent_again(browser: TestApp) -> None:
    page = post(browser, "too old", 403)
    form = next(one for one in page.forms.values() if one.action == "/me/preferences")
    assert form["name"].value == "Anna Changed"
    browser.extra_environ["HTTP_ORIGIN"] = ORIGIN
    form.submit(status=303)
    assert name_of(browser) == "Anna Changed"


def test_refused_password_is_not_kept(browser: TestApp) -> None:
    page = browser.post("/me/password", {"new_password": "paard lamp rivier", "csrf_token": "old"}, status=403)
    assert "paard lamp rivier" not in page


def test_typed_markup_is_kept_as_text(browser: TestApp) -> None:
    page = browser.post("/me/preferences", {"name": '"><script>alert(1)</script>', "csrf_token": "old"}, status=403)
    assert "<script>alert(1)" not in page


def test_signed_out_person_keeps_what_was_typed(app: TestApp) -> None:
    page = app.post("/me/preferences", {"name": "A long story " * 10, "csrf_token": "old"}, status=403)
    assert "A long story" in page.html.find("textarea").get_text()
    assert page.html.find("a", {"href": "/sign-in", "target": "_blank"})


def test_sign_in_form_is_protected_too(app: TestApp) -> None:
    app.post("/sign-in", {"login": "anna", "password": "x"}, status=403)
    app.get("/sign-in")
    app.post("/sign-in", {"login": "anna", "password": "x", "csrf_token": "guessed"}, status=403)


def test_anonymous_cookie_alone_is_no_token(app: TestApp) -> None:
    app.get("/sign-in")
    app.post("/sign-in", {"login": "anna", "password": "x", "csrf_token": app.cookies["plein-csrf"]}, status=403)


def test_sign_out_from_elsewhere_is_refused(browser: TestApp) -> None:
    browser.post("/sign-out", headers={"Origin": "https://example.org"}, status=403)
    browser.get("/people", status=200)
