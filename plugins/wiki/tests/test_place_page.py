"""The page on which a page gets its place in the tree."""

from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

BASE = "/spaces/handbook/wiki"


@pytest.fixture
def browser(make_user: Callable[..., Any], make_space: Callable[..., Any], as_user: Callable[..., Any]) -> TestApp:
    user = make_user("editor")
    make_space("handbook", members={user: "editor"})
    found: TestApp = as_user(user)
    for title in ("Top", "Leaf"):
        form = next(f for f in found.get(f"{BASE}/-/new").forms.values() if "body" in f.fields)
        form["title"] = title
        form.submit(status=303)
    return found


def place(browser: TestApp, page: str, **fields: str) -> Any:
    form = next(f for f in browser.get(f"{BASE}/{page}/place").forms.values() if "parent" in f.fields)
    for name, value in fields.items():
        form[name] = value
    return form.submit(expect_errors=True)


def test_a_page_is_put_under_another_and_shows_the_way_up(browser: TestApp) -> None:
    assert place(browser, "leaf", parent="Top").status_int == 303
    assert "Top" in browser.get(f"{BASE}/leaf").html.find(class_="breadcrumbs").text
    assert browser.get(f"{BASE}/leaf/place").html.find("input", {"name": "parent"})["value"] == "Top"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"parent": "Nobody"}, "no page with this title"),
        ({"parent": "Leaf"}, "under itself"),
        ({"position": "-1"}, "whole number"),
        ({"position": "many"}, "whole number"),
    ],
)
def test_a_place_that_cannot_be_is_refused_and_what_was_typed_stays(
    browser: TestApp, fields: dict[str, str], sentence: str
) -> None:
    answer = place(browser, "leaf", **fields)
    assert answer.status_int == 422 and sentence in answer
    for name, value in fields.items():
        assert answer.html.find("input", {"name": name})["value"] == value


def test_a_new_page_can_be_made_below_another(browser: TestApp) -> None:
    form = browser.get(f"{BASE}/top").click("New below this")
    editor = next(f for f in form.forms.values() if "body" in f.fields)
    editor["title"] = "Below"
    made = editor.submit(status=303).follow()
    assert "Top" in made.html.find(class_="breadcrumbs").text


def test_a_reader_may_not_move_pages(
    browser: TestApp, make_user: Callable[..., Any], as_user: Callable[..., Any]
) -> None:
    as_user(make_user("visitor")).get(f"{BASE}/leaf/place", status=403)
