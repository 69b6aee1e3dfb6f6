"""Tags as people meet them: typing, finding, and keeping them tidy."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from plein.content.models import Content
from plein.content.tag_models import ContentTag, Tag, Vocabulary
from plein.people.models import SiteRole
from plein.spaces.models import Space

LIST_BUDGET = 10


@pytest.fixture
def people(make_user: Callable[..., Any], make_space: Callable[..., Any]) -> dict[str, Any]:
    anna, ben, admin = make_user("anna"), make_user("ben"), make_user("admin", is_admin=True)
    make_space("open", members={anna: "member"})
    # Who administers sees no words of what they may not see; here they are let in.
    make_space("hidden", access="hidden", members={anna: "member", admin: "reader"})
    return {"anna": anna, "ben": ben, "admin": admin}


@pytest.fixture
def anna(people: dict[str, Any], as_user: Callable[..., TestApp]) -> TestApp:
    return as_user(people["anna"])


@pytest.fixture
def ben(people: dict[str, Any], as_user: Callable[..., TestApp]) -> TestApp:
    return as_user(people["ben"])


@pytest.fixture
def admin(people: dict[str, Any], as_user: Callable[..., TestApp]) -> TestApp:
    return as_user(people["admin"])


def write(browser: TestApp, title: str, tags: str, space: str = "open", body: str = "Text.") -> TestResponse:
    page = browser.get(f"/spaces/{space}/wiki/-/new")
    form = next(one for one in page.forms.values() if "body" in one.fields)
    form["title"], form["body"], form["tags"] = title, body, tags
    return form.submit(expect_errors=True)


def suggested(browser: TestApp, text: str, **more: str) -> list[tuple[str, str]]:
    answer = browser.get("/tags/-/suggest", {"q": text, **more}, headers={"Accept-Language": "en"})
    return [(one["value"], one["hint"]) for one in json.loads(answer.text)["found"]]


def number(db: Session, name: str) -> int:
    found = db.scalars(select(Tag.id).where(Tag.name == name, Tag.merged_into_id.is_(None))).one()
    db.rollback()
    return found


def send(browser: TestApp, address: str, marker: str, **values: Any) -> TestResponse:
    """Fill in the form on the page at *address* that has a field called *marker*, and send it."""
    page = browser.get(address)
    form = next(one for one in page.forms.values() if marker in one.fields)
    for name, value in values.items():
        form[name] = value
    return form.submit(expect_errors=True)


def press(browser: TestApp, page: TestResponse, action: str) -> TestResponse:
    """Press the only button of the form that posts to *action*."""
    return next(one for one in page.forms.values() if one.action.endswith(action)).submit(expect_errors=True)


def tags_of(db: Session, title: str) -> list[str]:
    db.info["unguarded"] = "test"
    found = list(db.scalars(select(Content.tags).where(Content.title == title)).one())
    db.rollback()
    return found


def test_a_tag_of_a_page_leads_to_all_that_has_it(anna: TestApp, ben: TestApp) -> None:
    page = write(anna, "Parking", "C++, Verlof").follow()
    write(anna, "Secret plan", "verlof", space="hidden")
    tag = page.click("C\\+\\+").follow()
    assert tag.html.h1.text == "C++" and "Parking" in tag
    mine = anna.get("/tags/verlof")
    assert "Parking" in mine and "Secret plan" in mine and mine.html.find(class_="tags").a.text == "C++"
    theirs = ben.get("/tags/verlof")
    assert "Parking" in theirs and "Secret plan" not in theirs


def test_nobody_hears_of_a_tag_of_what_they_cannot_see(
    anna: TestApp, ben: TestApp, admin: TestApp, db: Session
) -> None:
    write(anna, "Plan", "Reorganisatie", space="hidden")
    write(anna, "Other", "Reis")
    assert suggested(anna, "re") == [("Reis", "1 page"), ("Reorganisatie", "1 page")]
    assert suggested(ben, "re") == [("Reis", "1 page")]
    assert "Reorganisatie" not in ben.get("/tags") and "Reorganisatie" not in ben.get("/tags?order=letter")
    assert "Reorganisatie" in anna.get("/tags")
    ben.get("/tags/reorganisatie", status=404)
    ben.get("/tags/-/word?word=Reorganisatie", status=404)
    # Neither does an earlier name tell.
    send(admin, f"/admin/tags/{number(db, 'Reorganisatie')}", "description", name="Verandering")
    ben.get("/tags/reorganisatie", status=404)
    assert anna.get("/tags/reorganisatie", status=302).location.endswith("/tags/verandering")


def test_administration_shows_no_tag_that_only_hidden_items_have(
    anna: TestApp, admin: TestApp, people: dict[str, Any], make_space: Callable[..., Any], db: Session
) -> None:
    make_space("vault", access="hidden", members={people["anna"]: "member"})
    write(anna, "Plan", "Overname", space="vault")
    write(anna, "Other", "Reis")
    page = admin.get("/admin/tags")
    assert "Reis" in page and "Overname" not in page
    admin.get(f"/admin/tags/{number(db, 'Overname')}", status=404)


def test_suggestions_know_synonyms_and_count_what_can_be_seen(anna: TestApp, admin: TestApp, db: Session) -> None:
    write(anna, "One", "Verlof en vakantie")
    tag = number(db, "Verlof en vakantie")
    send(admin, f"/admin/tags/{tag}", "description", synonyms="vrije dagen\nVrij")
    assert suggested(anna, "vrij") == [("Verlof en vakantie", "Vrij · 1 page")]
    assert suggested(anna, "vak") == [("Verlof en vakantie", "1 page")]
    assert suggested(anna, "%") == suggested(anna, "  ") == []
    write(anna, "Two", "vrij")
    assert tags_of(db, "Two") == ["Verlof en vakantie"]


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        ("x" * 61, "is too long"),
        ("!!!", "cannot be a tag"),
        ("\u202e\u200b", "cannot be a tag"),
        (",".join(f"t{n}" for n in range(200)), "These are 200 tags"),
    ],
)
def test_what_cannot_be_a_tag_is_said_and_what_was_typed_stays(anna: TestApp, tags: str, sentence: str) -> None:
    anna.set_cookie("plein-locale", "en")
    answer = write(anna, "Bad", tags, body="A long story")
    assert answer.status_int == 422 and sentence in answer.html.find(class_="error-summary").text
    assert "A long story" in answer


def make_list(admin: TestApp, words: str, **values: Any) -> None:
    answer = send(admin, "/admin/tags/lists/new", "words", name="Onderwerpen", words=words, **values)
    assert answer.status_int == 303


def test_where_a_list_holds_only_its_tags_are_taken(anna: TestApp, admin: TestApp) -> None:
    anna.set_cookie("plein-locale", "en")
    write(anna, "Old", "Vrij")
    make_list(admin, "Wonen\nZorg", controlled=True, spaces="open", required=True)
    form = anna.get("/spaces/open/wiki/-/new")
    assert "Wonen" in form and "choose at least one" in form
    refused = write(anna, "New", "Anders")
    assert refused.status_int == 422 and "Choose from: Wonen, Zorg." in refused.html.find(class_="error-summary").text
    assert "at least one tag" in write(anna, "New", "").html.find(class_="error-summary").text
    assert write(anna, "New", "wonen").status_int == 303
    assert write(anna, "Elsewhere", "Anders", space="hidden").status_int == 303
    assert suggested(anna, "z", space="open", type="wiki.page") == [("Zorg", "")]
    assert suggested(anna, "v", space="open", type="wiki.page") == []
    # What an item had before the list came does not stop who changes something else.
    page = anna.get("/spaces/open/wiki/old/edit")
    form = next(one for one in page.forms.values() if "body" in one.fields)
    form["body"] = "Changed."
    assert form.submit().status_int == 303
    form["tags"] = "Vrij, Zorg"
    assert form.submit(expect_errors=True).status_int == 303


def test_a_list_holds_for_what_is_done_with_many_at_once_and_goes_along_with_its_space(
    anna: TestApp, admin: TestApp, db: Session
) -> None:
    anna.set_cookie("plein-locale", "en")
    write(anna, "Old", "Vrij")
    make_list(admin, "Wonen\nZorg", controlled=True, spaces="open", required=True)
    write(anna, "New", "Wonen")

    def tag_all(space: str, **values: str) -> str:
        uids = [("item", uid) for uid in db.scalars(select(Content.uid).where(Content.title.in_(("Old", "New"))))]
        db.rollback()
        token = anna.get("/people").html.find("meta", {"name": "csrf-token"})["content"]
        fields = [("csrf_token", token), ("action", "tag"), ("ready", "1"), *uids, *values.items()]
        return anna.post(f"/spaces/{space}/wiki/-/bulk", fields, status=303).follow().html.find(class_="notices").text

    told = tag_all("open", add="Anders")
    assert told.count("“Anders” is not in the list of tags that is used here.") == 2
    assert "Choose at least one tag" in tag_all("open", remove="Wonen")
    assert (tags_of(db, "Old"), tags_of(db, "New")) == (["Vrij"], ["Wonen"])
    assert "done for 2" in tag_all("open", add="zorg")
    assert tags_of(db, "New") == ["Wonen", "Zorg"]
    space = db.scalars(select(Space).where(Space.slug == "open")).one()
    space.slug = "elsewhere"
    db.commit()
    assert "is not in the list" in tag_all("elsewhere", add="Anders")
    assert db.scalars(select(Vocabulary.spaces)).one() == ["elsewhere"]


def test_a_renamed_tag_takes_its_pages_along_and_its_old_word_leads_to_it(
    anna: TestApp, admin: TestApp, db: Session, run_jobs: Callable[[], int]
) -> None:
    write(anna, "One", "Verlof, Reis")
    write(anna, "Hidden", "verlof", space="hidden")
    tag = number(db, "Verlof")
    done = send(admin, f"/admin/tags/{tag}", "description", name="Vakantie")
    run_jobs()
    assert tags_of(db, "One") == ["Vakantie", "Reis"] and tags_of(db, "Hidden") == ["Vakantie"]
    assert anna.get("/tags/verlof", status=302).location.endswith("/tags/vakantie")
    assert "One" in anna.get("/search?q=vakantie")
    write(anna, "Later", "Verlof")
    assert tags_of(db, "Later") == ["Vakantie"]
    press(admin, done.follow(), f"/admin/tags/{tag}")
    run_jobs()
    assert tags_of(db, "One") == ["Verlof", "Reis"] and anna.get("/tags/vakantie", status=302)
    assert "One" in anna.get("/tags/verlof")


def test_a_merge_moves_everything_and_can_be_taken_back(
    anna: TestApp, admin: TestApp, db: Session, run_jobs: Callable[[], int]
) -> None:
    write(anna, "One", "Verlof")
    write(anna, "Both", "Verlof, Vakantie", space="hidden")
    source, target = number(db, "Verlof"), number(db, "Vakantie")
    send(admin, f"/admin/tags/{source}", "description", synonyms="vrij")
    done = send(admin, f"/admin/tags/{source}", "into", into="vakantie").follow()
    run_jobs()
    assert tags_of(db, "One") == ["Vakantie"] and tags_of(db, "Both") == ["Vakantie"]
    assert anna.get("/tags/verlof", status=302).location.endswith("/tags/vakantie")
    assert {"One", "Both"} <= {row.a.text for row in anna.get("/tags/vakantie").html.select(".item-list li")}
    assert suggested(anna, "vrij") == [("Vakantie", "vrij · 2 pages")]
    # Again, and into one that is no tag of its own any more.
    admin.get(f"/admin/tags/{source}", status=404)
    press(admin, done, f"/admin/tags/{source}/unmerge")
    run_jobs()
    assert tags_of(db, "One") == ["Verlof"] and sorted(tags_of(db, "Both")) == ["Vakantie", "Verlof"]
    rows = db.execute(select(ContentTag.tag_id, Content.title).join(Content)).all()
    assert sorted((row[0], row[1]) for row in rows) == sorted([(source, "One"), (source, "Both"), (target, "Both")])
    assert suggested(anna, "vrij") == [("Verlof", "vrij · 2 pages")]


def test_a_tag_cannot_become_itself_or_nothing(anna: TestApp, admin: TestApp, db: Session) -> None:
    admin.set_cookie("plein-locale", "en")
    write(anna, "One", "Verlof, Reis")
    tag = number(db, "Verlof")
    for into, sentence in (
        ("verlof", "cannot become itself"),
        ("zomaar", "no tag called"),
        ("\u202e", "no tag called"),
    ):
        answer = send(admin, f"/admin/tags/{tag}", "into", into=into)
        assert answer.status_int == 422 and sentence in answer
    send(admin, f"/admin/tags/{tag}", "into", into="Reis")
    # The old word means what it became, which cannot become itself either.
    answer = send(admin, f"/admin/tags/{number(db, 'Reis')}", "into", into="Verlof")
    assert answer.status_int == 422 and "cannot become itself" in answer


def test_two_tags_cannot_be_called_alike(anna: TestApp, admin: TestApp, db: Session) -> None:
    write(anna, "One", "Verlof, Reis")
    tag = number(db, "Verlof")
    assert send(admin, f"/admin/tags/{tag}", "description", name="réis").status_int == 422
    assert send(admin, f"/admin/tags/{tag}", "description", synonyms="Reis").status_int == 422
    assert send(admin, f"/admin/tags/{tag}", "description", name="a,b").status_int == 422
    assert tags_of(db, "One") == ["Verlof", "Reis"]


def test_only_a_tag_that_nothing_has_is_removed(anna: TestApp, admin: TestApp, db: Session) -> None:
    write(anna, "Plan", "Geheim", space="hidden")
    make_list(admin, "Nieuw")
    used, unused = number(db, "Geheim"), number(db, "Nieuw")
    page = admin.get(f"/admin/tags/{used}")
    assert "/delete" not in page
    csrf = page.html.find("input", {"name": "csrf_token"})["value"]
    admin.post(f"/admin/tags/{used}/delete", {"csrf_token": csrf})
    press(admin, admin.get(f"/admin/tags/{unused}"), "/delete")
    assert list(db.scalars(select(Tag.name))) == ["Geheim"]


def test_whoever_keeps_content_keeps_tags_and_others_do_not(
    people: dict[str, Any], anna: TestApp, ben: TestApp, db: Session
) -> None:
    ben.get("/admin/tags", status=403)
    db.add(SiteRole(user_id=people["ben"].id, role="content_officer"))
    db.commit()
    assert ben.get("/admin/tags").status_int == 200
    anna.get("/admin/tags", status=403)


def test_tags_that_look_alike_are_offered_for_merging(anna: TestApp, admin: TestApp) -> None:
    write(anna, "One", "Pagina, Pagina's, Thuiswerken, Thuis werken, 2025, 2026")
    admin.set_cookie("plein-locale", "en")
    offered = admin.get("/admin/tags").html.find("section", {"aria-labelledby": "alike"})
    assert [[a.text for a in row.find_all("a")] for row in offered.find_all("li")] == [
        ["Pagina", "Pagina's"],
        ["Thuiswerken", "Thuis werken"],
    ]


def test_pages_of_tags_cost_the_same_with_few_and_many(anna: TestApp, count_statements: Callable[..., Any]) -> None:
    counted: dict[str, list[int]] = {}
    for round_ in range(2):
        for n in range(1 if round_ == 0 else 4):
            write(anna, f"Page {round_}{n}", f"Verlof, {', '.join(f'w{round_}{n}{m}' for m in range(5))}")
        for page in ("/tags", "/tags?order=letter", "/tags/verlof", "/tags/-/suggest?q=ver"):
            anna.get(page)
            with count_statements() as statements:
                anna.get(page)
            counted.setdefault(page, []).append(statements.total)
    assert all(few == many <= LIST_BUDGET for few, many in counted.values()), counted
