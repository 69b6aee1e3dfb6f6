"""The search page: finding what was written, sharing a search, and what it says when there is nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp


@pytest.fixture
def anna(make_user: Callable[..., Any], make_space: Callable[..., Any], as_user: Callable[..., TestApp]) -> TestApp:
    user = make_user("anna")
    make_space("handboek", members={user: "editor"})
    make_space("geheim", access="hidden", members={user: "editor"})
    return as_user(user)


@pytest.fixture
def ben(anna: TestApp, make_user: Callable[..., Any], as_user: Callable[..., TestApp]) -> TestApp:
    return as_user(make_user("ben"))


Write = Callable[..., None]


@pytest.fixture
def write(run_jobs: Callable[[], int]) -> Write:
    """``write(browser, space, title, body, tags)``: save a page, and have it indexed."""

    def save(browser: TestApp, space: str, title: str, body: str, tags: str = "") -> None:
        page = browser.get(f"/spaces/{space}/wiki/-/new")
        form = next(form for form in page.forms.values() if "body" in form.fields)
        form["title"], form["body"], form["tags"] = title, body, tags
        assert form.submit().status_int == 303
        run_jobs()

    return save


def found(browser: TestApp, address: str) -> list[str]:
    return [heading.get_text().strip() for heading in browser.get(address).html.select(".results h2")]


def test_what_is_saved_is_found_with_its_words_marked(anna: TestApp, write: Write) -> None:
    write(anna, "handboek", "Verlof", "Vraag je **verloven** op tijd aan, <b>altijd</b>.")
    page = anna.get("/search?q=verlof")
    (hit,) = page.html.select(".results .result")
    assert hit.h2.a["href"] == "/spaces/handboek/wiki/verlof"
    assert [mark.get_text() for mark in hit.select("h2 mark")] == ["Verlof"]
    assert "1 result" in page.html.select_one(".count[role=status]").get_text()
    assert hit.select_one(".meta a")["href"] == "/spaces/handboek"


def test_text_of_a_page_is_escaped_in_a_snippet(anna: TestApp, write: Write) -> None:
    write(anna, "handboek", "Code", "Typ `<script>alert(1)</script>` en lees.")
    page = anna.get("/search?q=lees")
    assert "<script>alert" in page.html.select_one(".snippet").get_text()
    assert "<script>alert" not in page.text


def test_the_address_holds_the_question_and_the_filters(anna: TestApp, write: Write) -> None:
    write(anna, "handboek", "Regels hier", "Tekst.", tags="ai")
    write(anna, "geheim", "Regels daar", "Tekst.")
    assert sorted(found(anna, "/search?q=regels")) == ["Regels daar", "Regels hier"]
    assert found(anna, "/search?q=regels&space=handboek") == ["Regels hier"]
    assert found(anna, "/search?q=&tag=ai") == ["Regels hier"]
    form = anna.get("/search?q=regels&space=handboek").html.select_one("main form[role=search]")
    assert form.select_one("input[name=q]")["value"] == "regels"
    assert form.select_one("option[selected]")["value"] == "handboek"


def test_another_finds_nothing_in_a_hidden_space_and_does_not_see_its_name(
    anna: TestApp, write: Write, ben: TestApp
) -> None:
    write(anna, "geheim", "Regels daar", "Tekst.")
    assert found(anna, "/search?q=regels&space=geheim") == ["Regels daar"]
    page = ben.get("/search?q=regels&space=geheim")
    assert found(ben, "/search?q=regels") == [] and not page.html.select(".results")
    assert not page.html.select('option[value="geheim"]')


def test_nothing_found_helps_on(anna: TestApp) -> None:
    page = anna.get("/search?q=nergens&space=handboek")
    assert page.html.select_one(".empty h2").get_text() == "Nothing found"
    assert page.html.select_one(".empty a")["href"] == "/search?q=nergens"
    assert "no word in this" in anna.get("/search?q=%3F%21").html.select_one(".empty h2").get_text()


def test_without_a_question_the_page_says_how_to_ask(anna: TestApp) -> None:
    page = anna.get("/search")
    assert len(page.html.select(".empty dt")) == 4


def test_pages_of_results_follow_each_other(anna: TestApp, write: Write) -> None:
    for number in range(23):
        write(anna, "handboek", f"Regel {number}", "Tekst.")
    first = anna.get("/search?q=regel")
    assert "23 results" in first.html.select_one(".count[role=status]").get_text()
    second = anna.get(first.html.select_one(".pager a[rel=next]")["href"])
    titles = [page.html.select(".results h2 a") for page in (first, second)]
    assert [len(links) for links in titles] == [20, 3]
    assert len({link["href"] for links in titles for link in links}) == 23


@pytest.mark.parametrize("query", ["%22", "*", "a" * 3000, "%F0%9F%98%80", "NEAR(", "'%3B--", "tag:", "-"])
def test_whatever_is_typed_gives_a_page(query: str, anna: TestApp) -> None:
    assert anna.get(f"/search?q={query}&after={query}&space={query}&type={query}").status_int == 200


def test_somebody_who_has_not_signed_in_is_asked_to(app: TestApp) -> None:
    answer = app.get("/search?q=regels")
    assert answer.status_int == 303 and "/sign-in" in answer.location


@pytest.fixture
def few_searches(settings_values: dict[str, str]) -> None:
    settings_values["plein.search_limit"] = "3"


def test_searching_too_often_is_refused_for_a_while(few_searches: None, anna: TestApp) -> None:
    # Eight, for a minute may end after the first three.
    answers = [anna.get("/search?q=x", expect_errors=True) for _ in range(8)]
    refused = [answer for answer in answers if answer.status_int == 429]
    assert answers[0].status_int == 200 and refused
    assert 0 < int(refused[0].headers["Retry-After"]) <= 60


def test_a_search_takes_at_most_ten_statements(anna: TestApp, write: Write, count_statements: Any) -> None:
    write(anna, "handboek", "Regels hier", "Tekst.")
    anna.get("/search?q=regels")
    with count_statements() as counted:
        anna.get("/search?q=regels")
    assert counted.total <= 10, str(counted)
