"""Synonyms, best bets, saved searches, searches in vain, and what the field in the header offers."""

from collections.abc import Callable
from typing import Any

import pytest
from plein_wiki.models import WikiPage
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.people.models import User
from plein.search import missed
from plein.search.index import index
from plein.search.models import BestBet, MissedSearch, SavedSearch, Synonym
from plein.spaces.models import Space


@pytest.fixture
def office(make_user: Callable[..., User]) -> User:
    return make_user("office", is_admin=True)


@pytest.fixture
def spaces(make_space: Callable[..., Space], office: User) -> dict[str, Space]:
    return {"open": make_space("open"), "hidden": make_space("hidden", access="hidden", members={office: "editor"})}


@pytest.fixture
def add(db: Session, spaces: dict[str, Space]) -> Callable[..., WikiPage]:
    """``add("open", "Thuiswerken", "tekst")``: a page that is in the index."""

    def made(space: str, title: str, text: str = "", **values: Any) -> WikiPage:
        item = WikiPage(
            space_id=spaces[space].id,
            title=title,
            sort_title=title.lower(),
            slug=title.lower().replace(" ", "-"),
            text=text,
            **values,
        )
        db.add(item)
        db.flush()
        index(db, item)
        db.commit()
        return item

    return made


def titles(browser: TestApp, question: str) -> list[str]:
    found = browser.get("/search", {"q": question}).html.select(".results:not(.promoted) h2")
    return [one.get_text().strip() for one in found]


def post(browser: TestApp, page: str, action: str, **fields: str) -> Any:
    form = next(form for form in browser.get(page).forms.values() if form.action.endswith(action))
    for name, value in fields.items():
        form[name] = value
    return form.submit(expect_errors=True)


def test_a_synonym_holds_from_the_next_search_and_can_be_taken_back(
    office: User, add: Callable[..., Any], as_user: Callable[..., TestApp], db: Session
) -> None:
    add("open", "Buitenkamer", "Waar je buiten zit.")
    browser = as_user(office)
    assert titles(browser, "terras") == []
    assert post(browser, "/admin/search", "/synonyms", line="Terras = buitenkamer").status_int == 303
    assert titles(browser, "terras") == ["Buitenkamer"]
    number = db.scalar(select(Synonym.id).where(Synonym.text == "Terras = buitenkamer"))
    db.commit()
    assert post(browser, "/admin/search", f"/synonyms/{number}/remove").status_int == 303
    assert titles(browser, "terras") == []


@pytest.mark.parametrize("line", ["", "een", "=", "a + b", "a = b = c + d", "a = b + c = d + e", "! = ?", "een = een"])
def test_a_line_that_says_nothing_is_refused_with_what_was_typed(
    line: str, office: User, as_user: Callable[..., TestApp]
) -> None:
    answer = post(as_user(office), "/admin/search", "/synonyms", line=line)
    assert answer.status_int == 422
    assert answer.html.select_one("[name=line]")["value"] == line


def test_a_compound_is_found_by_its_parts(
    office: User, add: Callable[..., Any], as_user: Callable[..., TestApp]
) -> None:
    add("open", "Regels", "Over zorg lees je hier, en over het verlof daarvoor ook.")
    # The list that comes with Plein says: zorgverlof = zorg + verlof.
    assert titles(as_user(office), "zorgverlof") == ["Regels"]


def test_a_best_bet_stands_on_top_for_who_may_read_it(
    office: User, add: Callable[..., Any], as_user: Callable[..., TestApp], make_user: Callable[..., User], db: Session
) -> None:
    add("hidden", "Geheime gids")
    browser = as_user(office)
    values = {"words": "Zoekterm", "url": "/spaces/hidden/wiki/geheime-gids", "title": "", "text": "Kijk hier"}
    assert post(browser, "/admin/search", "/bets", **values).status_int == 303
    page = browser.get("/search?q=ZOEKTERM")
    assert page.html.select_one(".promoted a")["href"] == "/spaces/hidden/wiki/geheime-gids"
    other = as_user(make_user("ander")).get("/search?q=zoekterm")
    assert not other.html.select(".promoted") and "Geheime" not in other and "Kijk hier" not in other
    number = db.scalar(select(BestBet.id))
    db.commit()
    assert post(browser, "/admin/search", f"/bets/{number}/remove").status_int == 303
    assert not browser.get("/search?q=zoekterm").html.select(".promoted")


def test_an_administrator_cannot_recommend_what_they_cannot_see_nor_a_script(
    office: User, make_space: Callable[..., Space], as_user: Callable[..., TestApp]
) -> None:
    make_space("besloten", access="hidden")
    for url in ("javascript:alert(1)", "//evil.example", "spaces/x", "https://", "/\\evil.example"):
        answer = post(as_user(office), "/admin/search", "/bets", words="woord", url=url, title="Titel")
        assert answer.status_int == 422, url


def test_a_search_is_saved_opened_and_removed_by_its_owner_only(
    office: User, as_user: Callable[..., TestApp], make_user: Callable[..., User], db: Session
) -> None:
    browser, other = as_user(office), as_user(make_user("ander"))
    page = browser.get("/search?q=verlof&state=archived&type=gone.type")
    assert post(browser, "/search?q=verlof&state=archived", "/search/-/saved", name="Oud verlof").status_int == 303
    kept = db.scalars(select(SavedSearch)).one()
    assert kept.question == {"q": "verlof", "state": "archived"}
    db.commit()
    link = browser.get("/search").html.select_one(".saved-searches a")
    assert link["href"] == "/search?q=verlof&state=archived" and page.status_int == 200
    assert browser.get("/").html.select_one(".saved-searches a") is not None
    assert not other.get("/search").html.select(".saved-searches")
    token = other.get("/search?q=x").html.select_one("[name=csrf_token]")["value"]
    refused = other.post(f"/search/-/saved/{kept.id}/remove", {"csrf_token": token}, expect_errors=True)
    assert refused.status_int == 404
    assert post(browser, "/search", f"/{kept.id}/remove").status_int == 303
    assert not browser.get("/search").html.select(".saved-searches")


def test_a_saved_search_with_a_filter_that_is_gone_still_opens(
    office: User, as_user: Callable[..., TestApp], db: Session
) -> None:
    question = {"q": "verlof", "type": "gone.type", "state": "nonsense", "since": "2026-02-31", "extra": "x", "tag": 5}
    db.add(SavedSearch(user_id=office.id, name="Oud", question=question))
    db.commit()
    browser = as_user(office)
    link = browser.get("/search").html.select_one(".saved-searches a")["href"]
    assert link == "/search?q=verlof" and browser.get(link).status_int == 200


def test_what_three_people_look_for_in_vain_is_told_and_nobody_is_named(engine: Engine, db: Session) -> None:
    for person in range(40):
        missed.note(engine, "secret", person, "Kantine openingstijden")
    missed.note(engine, "secret", 1, "alleen ik")
    missed.note(engine, "secret", 1, "alleen ik")
    (found,) = missed.report(db)
    assert found.words == "kantine openingstijden" and found.times >= 3
    rows = db.scalars(select(MissedSearch).order_by(MissedSearch.words)).all()
    assert [(row.words, row.times, len(row.marks)) for row in rows][0] == ("alleen ik", 0, 1)
    assert rows[1].marks == []


@pytest.mark.parametrize(
    "text",
    ["anna@example.nl", "bel 06-12 34 56 78", "123456782", "https://x.nl/anna", "a b c d e f g", "x" * 90, "?!", ""],
)
def test_what_may_hold_personal_data_is_never_counted(text: str) -> None:
    assert missed.countable(text) == ""


def test_the_field_in_the_header_offers_pages_and_people_that_one_may_see(
    office: User,
    add: Callable[..., Any],
    as_user: Callable[..., TestApp],
    make_user: Callable[..., User],
    count_statements: Any,
) -> None:
    add("open", "Verlof aanvragen")
    add("open", "Iets anders", "met verlof in de tekst")
    add("hidden", "Verlof voor het bestuur")
    vera = make_user("vera", name="Vera Verlof")
    browser = as_user(vera)
    browser.get("/search/-/suggest?q=verl")
    with count_statements() as counted:
        answer = browser.get("/search/-/suggest?q=verl").json
    assert [one["label"] for one in answer["found"]] == ["Verlof aanvragen", "Vera Verlof"]
    assert answer["found"][0]["url"] == "/spaces/open/wiki/verlof-aanvragen"
    assert counted.total <= 8, str(counted)
    assert browser.get("/search/-/suggest?q=%22*").json == {"found": []}
    assert len(as_user(office).get("/search/-/suggest?q=verl").json["found"]) == 3


def test_people_are_found_as_a_group_on_top(office: User, as_user: Callable[..., TestApp], make_user: Any) -> None:
    make_user("kim", name="Kim de Vries", function="Griffier", phone="0612345678")
    browser = as_user(office)
    for question in ("griffier", "kim", "0612345678"):
        (person,) = browser.get("/search", {"q": question}).html.select(".found-people li")
        assert "Kim de Vries" in person.get_text(), question
    assert browser.get("/search?q=griffier").html.select_one(".found-people mark").get_text() == "Griffier"
