"""What belongs together: links, embeds and "see also" between items of any space."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from plein.content.models import ContentLink, ExternalLink

ITEM_BUDGET = 8


@pytest.fixture
def people(make_user: Callable[..., Any], make_space: Callable[..., Any]) -> dict[str, Any]:
    anna, ben = make_user("anna"), make_user("ben")
    make_space("open", members={anna: "manager"})
    make_space("other", members={anna: "member", ben: "member"})
    make_space("hidden", access="hidden", members={anna: "member"})
    return {"anna": anna, "ben": ben}


@pytest.fixture
def anna(people: dict[str, Any], as_user: Callable[..., TestApp]) -> TestApp:
    browser = as_user(people["anna"])
    browser.set_cookie("plein-locale", "en")
    return browser


@pytest.fixture
def ben(people: dict[str, Any], as_user: Callable[..., TestApp]) -> TestApp:
    browser = as_user(people["ben"])
    browser.set_cookie("plein-locale", "en")
    return browser


def write(browser: TestApp, title: str, body: str = "Text.", space: str = "open") -> str:
    page = browser.get(f"/spaces/{space}/wiki/-/new")
    form = next(one for one in page.forms.values() if "body" in one.fields)
    form["title"], form["body"] = title, body
    return form.submit(status=303).follow().request.path


def add(browser: TestApp, address: str, item: str, *, both: bool = False) -> TestResponse:
    page = browser.get(f"{address}/also")
    form = next(one for one in page.forms.values() if "item" in one.fields)
    form["item"], form["both"] = item, both
    return form.submit(expect_errors=True)


def beside(browser: TestApp, address: str) -> list[str]:
    """What stands under "see also" on the page of an item."""
    blocks = [one for one in browser.get(address).html.select("section.block") if "See also" in one.h2.text]
    return [link.text for block in blocks for link in block.select("li a")]


def press(browser: TestApp, address: str, number: int, act: str) -> TestResponse:
    forms = [one for one in browser.get(f"{address}/also").forms.values() if "row" in one.fields]
    return forms[number].submit("act", value=act)


def test_see_also_joins_items_of_any_space_on_both_sides(anna: TestApp) -> None:
    one, other = write(anna, "One"), write(anna, "Other", space="other")
    assert add(anna, one, "other", both=True).status_int == 303
    assert beside(anna, one) == ["Other"] and beside(anna, other) == ["One"]
    # Round and round is no circle: each only names the other.
    assert add(anna, other, f"http://127.0.0.1{one}").status_int == 303
    assert beside(anna, other) == ["One"]
    assert "under “See also”" in anna.get(f"{one}/links")


def test_see_also_follows_what_is_renamed_moved_or_thrown_away(anna: TestApp) -> None:
    one, other = write(anna, "One"), write(anna, "Other")
    add(anna, one, other)
    form = next(f for f in anna.get(f"{other}/edit").forms.values() if "body" in f.fields)
    form["title"] = "Renamed"
    address = form.submit().follow().request.path
    assert beside(anna, one) == ["Renamed"]
    csrf = anna.get(address).html.find("meta", {"name": "csrf-token"})["content"]
    anna.post(f"{address}/delete", {"csrf_token": csrf})
    assert beside(anna, one) == []


def test_what_is_hidden_is_not_told_by_see_also(anna: TestApp, ben: TestApp) -> None:
    one, secret = write(anna, "One", space="other"), write(anna, "Secret", space="hidden")
    add(anna, one, secret)
    assert beside(anna, one) == ["Secret"]
    assert beside(ben, one) == [] and "Secret" not in ben.get(f"{one}/also")
    for text in ("Secret", secret, "sec"):
        refused = add(ben, one, text)
        assert refused.status_int == 422 and "There is nothing here called" in refused
    found = json.loads(ben.get("/relations/-/suggest?q=sec").text)["found"]
    assert found == []
    assert json.loads(anna.get("/relations/-/suggest?q=sec").text)["found"][0]["value"] == secret


def test_nobody_changes_a_page_from_another_one_without_the_right_to(anna: TestApp, ben: TestApp) -> None:
    theirs, mine = write(anna, "Theirs"), write(ben, "Mine", space="other")
    answer = add(ben, mine, "Theirs", both=True).follow()
    assert "You may not change “Theirs”" in answer
    assert beside(ben, mine) == ["Theirs"] and beside(anna, theirs) == []


def test_what_cannot_be_related_is_said(anna: TestApp, db: Session) -> None:
    one = write(anna, "One")
    write(anna, "Twin"), write(anna, "Twin", space="other")
    for text, sentence in (
        ("One", "This is the page itself"),
        (one, "This is the page itself"),
        ("Twin", "More than one page is called so"),
        ("", "Fill this in"),
        ("\0", "Fill this in"),
        ("http://[", "There is nothing here called"),
        ("x" * 300, "There is nothing here called"),
        ("/spaces/open/nowhere/one", "There is nothing here called"),
    ):
        csrf = anna.get(one).html.find("meta", {"name": "csrf-token"})["content"]
        form = {"csrf_token": csrf, "act": "add", "item": text}
        answer = anna.post(f"{one}/also", form, expect_errors=True)
        assert answer.status_int == 422 and sentence in answer, text
    assert db.info.setdefault("unguarded", "test") and db.scalar(select(ContentLink.id)) is None


def test_see_also_is_put_in_order_and_taken_away_with_a_way_back(anna: TestApp) -> None:
    one = write(anna, "One")
    for title in ("Two", "Three"):
        write(anna, title)
        add(anna, one, title)
    press(anna, one, 1, "up")
    assert beside(anna, one) == ["Three", "Two"]
    notice = press(anna, one, 0, "remove").follow()
    assert beside(anna, one) == ["Two"]
    next(f for f in notice.forms.values() if f.fields.get("item") and f["item"].value.endswith("three")).submit()
    assert beside(anna, one) == ["Two", "Three"]


def test_an_item_page_costs_the_same_with_see_also(anna: TestApp, count_statements: Callable[..., Any]) -> None:
    one = write(anna, "One", "[[Nowhere]] and https://example.org/")
    totals = []
    for number in range(3):
        anna.get(one)
        with count_statements() as counted:
            anna.get(one)
        totals.append(counted.total)
        write(anna, f"Other {number}")
        add(anna, one, f"Other {number}")
    assert totals[0] == totals[1] == totals[2] <= ITEM_BUDGET, str(counted)


def test_links_from_other_spaces_and_embeds_stand_under_links_to_here(
    anna: TestApp, ben: TestApp, count_statements: Callable[..., Any]
) -> None:
    target = write(anna, "Target")
    write(anna, "Linker", "[[open:Target]]", space="other")
    write(anna, "Shower", "{{open/wiki:target}}", space="other")
    write(anna, "Secret", "[[open:Target]]", space="hidden")
    page = anna.get(f"{target}/links")
    assert "Linker" in page and "Shower" in page and "Secret" in page and "show this one in their text" in page
    assert "Secret" not in ben.get(f"{target}/links")
    with count_statements() as counted:
        anna.get(f"{target}/links")
    assert counted.total <= 10, str(counted)


def test_wanted_and_orphans_know_of_other_spaces(anna: TestApp, count_statements: Callable[..., Any]) -> None:
    write(anna, "Lonely"), write(anna, "Led to"), write(anna, "Chosen")
    start = write(anna, "Start", "[[open:Led to]] [[open:Not written]]", space="other")
    add(anna, start, "Chosen")
    wanted = anna.get("/spaces/open/wiki/-/wanted")
    assert "Not written" in wanted and "Led to" not in wanted.html.find("main").text
    orphans = [row.a.text for row in anna.get("/spaces/open/wiki/-/orphans").html.select(".item-list li")]
    assert orphans == ["Lonely"]
    for page in ("wanted", "orphans"):
        with count_statements() as counted:
            anna.get(f"/spaces/open/wiki/-/{page}")
        assert counted.total <= 10, str(counted)


def test_saving_again_keeps_the_rows_of_links_and_what_was_chosen(anna: TestApp, db: Session) -> None:
    one = write(anna, "One", "[[Two]] <https://example.org/a>\n\n{{open/wiki:two}}\n")
    write(anna, "Two")
    add(anna, one, "Two")
    db.info["unguarded"] = "test"

    def stored() -> set[Any]:
        links = db.execute(select(ContentLink.id, ContentLink.kind, ContentLink.target_slug)).all()
        found = {tuple(row) for row in [*links, *db.execute(select(ExternalLink.id, ExternalLink.host)).all()]}
        db.rollback()
        return found

    before = stored()
    assert {row[1] for row in before} == {"link", "embed", "also", "example.org"}
    form = next(f for f in anna.get(f"{one}/edit").forms.values() if "body" in f.fields)
    form["body"] = "More. " + form["body"].value
    form.submit()
    assert stored() == before
    form = next(f for f in anna.get(f"{one}/edit").forms.values() if "body" in f.fields)
    form["body"] = "https://example.org/b"
    form.submit()
    assert {row[1] for row in stored()} == {"also", "example.org"}
