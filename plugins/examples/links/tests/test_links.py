"""The links plugin as people meet it: what it did not write, Plein gives."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

from plein.testing import contract_of

test_contract = contract_of("links")

BASE = "/spaces/bieb/links"


@pytest.fixture
def people(make_user, make_space) -> dict[str, Any]:
    ann, mem = make_user("ann", name="Ann Jansen"), make_user("mem")
    make_space("bieb", name="Bieb", members={ann: "editor", mem: "member"})
    return {"ann": ann, "mem": mem}


@pytest.fixture
def member(people, as_user) -> TestApp:
    return as_user(people["mem"])


@pytest.fixture
def editor(people, as_user) -> TestApp:
    return as_user(people["ann"])


def add(app: TestApp, title: str, address: str = "https://example.nl/", status: Any = None, **values: Any) -> Any:
    form = app.get(f"{BASE}/-/new").forms["item-form"]
    form["title"], form["address"] = title, address
    for name, value in values.items():
        form[name] = value
    return form.submit(status=status)


def test_link_is_added_shown_found_and_listed(editor: TestApp, run_jobs) -> None:
    page = add(editor, "Wet open overheid", "https://wetten.example.nl/woo", category="law", recommended=True).follow()
    facts = page.html.find("dl", class_="facts")
    assert [one.text for one in facts.find_all("dt")] == ["Address", "Kind of link", "Recommended"]
    assert facts.find("a")["href"] == "https://wetten.example.nl/woo"
    assert "Law or rule" in facts.text
    run_jobs()
    assert "Wet open overheid" in editor.get("/search?q=wetten.example.nl").html.find("main").text
    table = editor.get(f"{BASE}?view=table").html.find("table", class_="items")
    assert [one.text for one in table.find_all("th", scope="col")][2:4] == ["Address", "Kind of link"]
    card = editor.get(f"{BASE}?view=cards").html.find("li", class_="card")
    assert card.h2.a["href"] == "https://wetten.example.nl/woo"
    assert "wetten.example.nl" not in card.p.text, "its address stands above already"


def test_wrong_address_comes_back_with_what_was_typed(editor: TestApp) -> None:
    page = add(editor, "Fout", "javascript:alert(1)", body="Waarom dit een fijne link is", status=422)
    assert "must be a full address" in page.html.find(id="field-address-error").text
    assert page.html.find(id="field-address")["value"] == "javascript:alert(1)"
    assert "Waarom dit een fijne link is" in page.html.find("textarea", {"name": "body"}).text


def test_only_who_may_recommends(editor: TestApp, member: TestApp) -> None:
    assert member.get(f"{BASE}/-/new").html.find(id="field-recommended") is None
    editor_page = add(editor, "Goed", recommended=True).follow()
    form = member.get(f"{editor_page.request.path}/edit").forms["item-form"]
    form["address"] = "https://elders.example.nl/"
    member.post(f"{editor_page.request.path}/edit", {**dict(form.submit_fields()), "recommended": ""}, status=303)
    page = member.get(editor_page.request.path)
    assert "elders.example.nl" in page
    assert "Recommended" in page.html.find("dl", class_="facts").text


def test_fields_have_a_history_and_are_put_back(editor: TestApp) -> None:
    page = add(editor, "Oud", "https://oud.example.nl/").follow()
    path = page.request.path
    form = editor.get(f"{path}/edit").forms["item-form"]
    form["address"] = "https://nieuw.example.nl/"
    form.submit()
    token = editor.get(path).html.find("meta", {"name": "csrf-token"})["content"]
    editor.post(f"{path}/restore", {"version": "1", "csrf_token": token})
    assert editor.get(path).html.find("dl", class_="facts").a["href"] == "https://oud.example.nl/"


def test_two_who_fill_in_a_field_differently_are_told(editor: TestApp) -> None:
    path = add(editor, "Samen", "https://een.example.nl/").follow().request.path
    mine, theirs = (editor.get(f"{path}/edit").forms["item-form"] for _ in range(2))
    theirs["address"] = "https://twee.example.nl/"
    theirs.submit()
    mine["address"] = "https://drie.example.nl/"
    answer = mine.submit(status=409)
    assert "https://twee.example.nl/" in answer
    assert answer.forms["item-form"]["address"].value == "https://drie.example.nl/"


@pytest.mark.parametrize(("address", "budget"), [("", 10), ("?view=table", 10), ("?view=cards&tag=wet&q=l&mine=1", 10)])
def test_list_costs_the_same_however_long_it_is(editor: TestApp, count_statements: Callable, address, budget) -> None:
    add(editor, "Link 0", tags="wet")
    editor.get(f"{BASE}{address}")
    with count_statements() as few:
        editor.get(f"{BASE}{address}")
    for number in range(1, 8):
        add(editor, f"Link {number}", tags="wet")
    with count_statements() as many:
        page = editor.get(f"{BASE}{address}")
    assert many.total == few.total <= budget, str(many)
    assert len(page.html.find_all("a", string=re.compile(r"^Link \d$"))) == 8


def test_item_page_takes_at_most_eight_statements(editor: TestApp, count_statements: Callable) -> None:
    path = add(editor, "Kort").follow().request.path
    editor.get(path)
    with count_statements() as counted:
        editor.get(path)
    assert counted.total <= 8, str(counted)
