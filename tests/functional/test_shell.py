"""The page shell: language, looks, notices and static files, as every page has them."""

import re
from collections.abc import Callable

import pytest
from webtest import TestApp

from plein.web.static import FOR_EVER


def press(browser: TestApp, path: str, action: str, name: str, value: str) -> object:
    page = browser.get(path)
    form = next(form for form in page.forms.values() if form.action == action and name in form.fields)
    return form.submit(name, value=value)


@pytest.fixture
def anna(make_user: Callable, as_user: Callable) -> TestApp:
    return as_user(make_user("anna", name="Anna de Vries"))


def test_visitor_chooses_a_language_and_comes_back(app: TestApp) -> None:
    answer = press(app, "/sign-in?next=/people", "/me/language", "locale", "nl")
    assert answer.location == "http://127.0.0.1:6543/sign-in?next=/people"
    assert 'lang="nl"' in app.get("/sign-in").text


def test_language_goes_with_the_person_to_another_browser(make_user: Callable, as_user: Callable) -> None:
    anna = make_user("anna")
    press(as_user(anna), "/people", "/me/language", "locale", "nl")
    assert 'lang="nl"' in as_user(anna).get("/people").text


@pytest.mark.parametrize(
    "address", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)", ""]
)
def test_language_switch_leads_to_no_other_site(app: TestApp, address: str) -> None:
    page = app.get("/sign-in")
    form = next(form for form in page.forms.values() if form.action == "/me/language")
    form["next"] = address
    assert form.submit("locale", value="en").location == "http://127.0.0.1:6543/"


def test_unknown_language_is_refused(app: TestApp) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', app.get("/sign-in").text)
    assert token is not None
    app.post("/me/language", {"csrf_token": token[1], "locale": "xx"}, status=400)


def test_language_switch_needs_the_token(app: TestApp) -> None:
    app.post("/me/language", {"locale": "nl"}, status=403)


def test_looks_are_kept_one_by_one(anna: TestApp) -> None:
    press(anna, "/people", "/me/appearance", "theme", "dark")
    press(anna, "/people", "/me/appearance", "keys", "off")
    page = anna.get("/people").text
    assert 'data-theme="dark"' in page
    assert 'data-keys="off"' in page
    assert 'data-text="normal"' in page


def test_broken_cookie_of_looks_is_nothing_special(anna: TestApp) -> None:
    anna.set_cookie("plein-look", "theme:<script>.text:larger.x")
    page = anna.get("/people").text
    assert 'data-theme="auto"' in page
    assert 'data-text="larger"' in page


def test_forged_notice_is_not_shown(anna: TestApp) -> None:
    anna.set_cookie("plein-notices", "0" * 64 + ".W3sibWVzc2FnZSI6ICJmb3JnZWQifV0=")
    assert "forged" not in anna.get("/people").text


def test_static_file_is_sent_compressed_and_kept(app: TestApp) -> None:
    address = re.search(r'href="(/static/[^"]+/css/plein\.css)"', app.get("/sign-in").text)
    assert address is not None
    answer = app.get(address[1], headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == FOR_EVER
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "Accept-Encoding" in answer.headers["Vary"]
    older = app.get(re.sub(r"/static/\w+/", "/static/000000000000/", address[1]))
    assert "immutable" not in older.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["nothing.css", "../settings.py", "%2e%2e/settings.py", "vendor/../../app.py"])
def test_no_other_file_comes_out_of_static(app: TestApp, path: str) -> None:
    app.get(f"/static/x/{path}", status=404)


def test_navigation_says_where_one_is(anna: TestApp) -> None:
    current = anna.get("/people").html.select(".main-nav [aria-current]")
    assert [link["href"] for link in current] == ["/people"]


def test_plugins_add_nothing_to_the_main_bar(anna: TestApp) -> None:
    links = [link["href"] for link in anna.get("/people").html.select(".main-nav a")]
    assert set(links) <= {"/", "/spaces", "/people", "/search"}
