"""The life of a space: welcome, a pinned page, spaces below spaces, and the archive."""

from typing import Any

import pytest
from sqlalchemy import select

from plein.content.models import Content
from plein.spaces.models import Space

TEXT = {"title": "Plan", "body": "What we do", "tags": "", "note": "", "base_version": ""}


@pytest.fixture
def mona(make_user) -> Any:
    return make_user("mona", name="Mona Bakker")


@pytest.fixture
def anna(make_user) -> Any:
    return make_user("anna", name="Anna de Wit")


def press(page: Any, label: str) -> Any:
    """The page after the button called *label*."""
    form = next(one for one in page.forms.values() if label in one.text)
    answer = form.submit()
    return answer.follow() if answer.status_int in (302, 303) else answer


def notices(page: Any) -> str:
    return page.html.find(class_="notices").get_text(" ", strip=True)


# Welcome


def test_who_is_new_is_welcomed_once_and_finds_the_words_afterwards(as_user, anna, mona, make_space) -> None:
    make_space("team", members={mona: "manager", anna: "member"})
    form = as_user(mona).get("/spaces/team/-/welcome").forms
    page = next(one for one in form.values() if "welcome" in one.fields)
    page["welcome"] = "Read **this** first. <script>alert(1)</script>"
    shown = page.submit().follow()
    assert "<strong>this</strong>" in shown and "<script>alert" not in shown
    browser = as_user(anna)
    first = browser.get("/spaces/team")
    assert "<strong>this</strong>" in first.html.find("section", attrs={"aria-labelledby": "welcome"}).decode()
    after = press(first, "I have read this")
    assert after.html.find("section", attrs={"aria-labelledby": "welcome"}) is None
    assert "<strong>this</strong>" in after.html.find("details", class_="card").decode()


def test_words_of_welcome_are_not_for_visitors(as_user, anna, mona, make_space) -> None:
    make_space("team", access="open", welcome="The code of the door is 12", members={mona: "manager"})
    assert "code of the door" not in as_user(anna).get("/spaces/team").text


# A pinned page


def write_page(browser: Any, space: str) -> Any:
    form = next(one for one in browser.get(f"/spaces/{space}/wiki/-/new").forms.values() if "title" in one.fields)
    form["title"], form["body"] = "Agreements", "We start at nine."
    return form.submit().follow()


def test_managers_pin_a_page_and_take_it_off(as_user, anna, mona, make_space) -> None:
    make_space("team", members={mona: "manager", anna: "member"})
    browser = as_user(mona)
    page = write_page(browser, "team")
    assert "Pin on the space" not in as_user(anna).get(page.request.path).text
    home = press(page, "Pin on the space's home")
    assert "We start at nine." in home.html.find("section", class_="block").get_text()
    page = browser.get(page.request.path)
    assert "Pinned" not in press(page, "No longer pin").html.find("main").get_text()


# Spaces below spaces


def place(browser: Any, space: str, parent: str) -> Any:
    form = next(one for one in browser.get(f"/spaces/{space}/-/settings").forms.values() if "purpose" in one.fields)
    form["parent"].force_value(parent)
    return form.submit(status="*")


def test_a_space_below_another_shows_the_way_and_gives_no_rights(as_user, anna, mona, make_space) -> None:
    make_space("above", name="Above", access="closed", members={mona: "manager", anna: "member"})
    make_space("below", name="Below", access="closed", members={mona: "manager"})
    assert place(as_user(mona), "below", "above").status_int == 303
    home = as_user(anna).get("/spaces/below")
    assert home.html.find(class_="breadcrumbs").get_text(strip=True) == "Above"
    assert "This space is closed" in home
    as_user(anna).get("/spaces/below/-/members", status=403)
    assert "Below" in as_user(anna).get("/spaces/above").html.find("aside", class_="related").get_text()


def test_a_hidden_parent_is_not_told_of_and_stays_where_it_is(as_user, anna, mona, make_space, db) -> None:
    top = make_space("top", name="Topmost", access="open", members={mona: "manager"})
    hidden = make_space("secret", name="Secretly", access="hidden", members={mona: "manager"}, parent_id=top.id)
    child = make_space("child", access="open", members={anna: "manager"}, parent_id=hidden.id)
    browser = as_user(anna)
    for page in ("/spaces/child", "/spaces/child/-/settings"):
        answer = browser.get(page)
        assert "Secretly" not in answer and "secret" not in answer.html.find("main").decode()
    assert browser.get("/spaces/child").html.find(class_="breadcrumbs") is None
    assert place(browser, "child", "").status_int == 303
    assert place(browser, "child", "secret").status_int == 422
    assert db.get_one(Space, child.id).parent_id == hidden.id
    db.rollback()
    assert [one.get_text() for one in as_user(mona).get("/spaces/child").html.select(".breadcrumbs li")] == [
        "Topmost",
        "Secretly",
    ]


def test_a_circle_of_spaces_is_refused_also_through_one_that_is_hidden(as_user, anna, mona, make_space) -> None:
    top = make_space("top", members={anna: "manager"})
    hidden = make_space("secret", access="hidden", members={mona: "manager"}, parent_id=top.id)
    make_space("low", members={mona: "manager"}, parent_id=hidden.id)
    refused = place(as_user(anna), "top", "low")
    assert refused.status_int == 422
    assert "A space cannot come below itself." in refused
    assert place(as_user(anna), "top", "top").status_int == 422


# The archive


def test_in_an_archived_space_everybody_reads_and_nobody_writes(as_user, anna, mona, make_space, db) -> None:
    make_space("team", access="open", members={mona: "manager", anna: "member"})
    browser = as_user(mona)
    page = write_page(browser, "team").request.path
    home = press(browser.get("/spaces/team/-/archive"), "Archive this space")
    assert "is archived." in notices(home)
    reader = as_user(anna)
    for address in ("/spaces/team", page, "/spaces/team/-/members"):
        assert "This space is archived." in reader.get(address)
    assert "Edit" not in reader.get(page).html.find("main").get_text()
    token = reader.get(page).html.find("meta", attrs={"name": "csrf-token"})["content"]
    for address in (f"{page}/edit", "/spaces/team/wiki/-/new", f"{page}/delete", f"{page}/files/-/attach"):
        refused = reader.post(address, {**TEXT, "csrf_token": token}, status=403)
        assert "nobody can add to it" in refused
    assert db.scalar(select(Content.version)) == 1


def test_an_archived_space_takes_nobody_in(as_user, make_user, mona, make_space) -> None:
    make_space("team", access="open", members={mona: "manager"})
    browser = as_user(make_user())
    home = browser.get("/spaces/team")
    press(as_user(mona).get("/spaces/team/-/archive"), "Archive this space")
    assert "nobody can add to it" in notices(press(home, "Join"))


def test_an_archived_space_leaves_the_lists_and_is_found_by_the_filter_and_by_search(
    as_user, mona, make_space, run_jobs
) -> None:
    make_space("team", name="Old team", members={mona: "manager"})
    browser = as_user(mona)
    write_page(browser, "team")
    run_jobs()
    home = press(browser.get("/spaces/team/-/archive"), "Archive this space")
    for address in ("/spaces", "/spaces?show=mine", "/"):
        assert browser.get(address).html.find(class_="space-card") is None
    assert "Old team" in browser.get("/spaces?show=archived").html.find(class_="space-card").get_text()
    assert "Archived space" in browser.get("/search?q=nine")
    again = press(home, "Undo")
    assert "is open again." in notices(again)
    assert "Old team" in browser.get("/spaces").html.find(class_="space-card").get_text()


def test_only_managers_archive(as_user, anna, mona, make_space) -> None:
    make_space("team", members={mona: "manager", anna: "editor"})
    as_user(anna).get("/spaces/team/-/archive", status=403)
