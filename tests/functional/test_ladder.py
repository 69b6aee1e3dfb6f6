"""The ladder, on every way to a page: who does not have a plugin somewhere finds nothing of it there."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.contributions import Job
from plein.jobs import enqueue
from plein.ladder.changing import Decision, choose, decide, forget
from plein.people.models import Group, GroupPerson, User
from plein.spaces.models import Space

PAGE = "/spaces/handbook/wiki/fire"


@pytest.fixture
def anna(make_user: Callable[..., User]) -> User:
    return make_user("anna")


@pytest.fixture
def bert(make_user: Callable[..., User]) -> User:
    return make_user("bert")


@pytest.fixture
def space(make_space: Callable[..., Space], anna: User, bert: User) -> Space:
    return make_space("handbook", access="open", members={anna: "manager", bert: "member"})


@pytest.fixture
def other(make_space: Callable[..., Space], anna: User) -> Space:
    return make_space("elsewhere", access="open", members={anna: "manager"})


@pytest.fixture
def group(db: Session, bert: User) -> Group:
    """A group of Bert's."""
    group = Group(uid="pilot", slug="pilot", name="Pilot", sort_name="pilot")
    db.add(group)
    db.flush()
    db.add(GroupPerson(group_id=group.id, user_id=bert.id))
    db.commit()
    return group


@pytest.fixture
def put(db: Session) -> Callable[..., None]:
    """``put("pilot", space_ids=(5,))``: where the wiki stands from now on."""

    def put_it(stage: str, **values: Any) -> None:
        decide(db, "wiki", Decision(stage, **values))
        db.commit()

    return put_it


@pytest.fixture
def pages(as_user: Callable[..., TestApp], anna: User, bert: User, space: Space, other: Space) -> dict[str, TestApp]:
    """Anna and Bert as browsers, after Anna wrote a page in both spaces."""
    browser = as_user(anna)
    for slug in (space.slug, other.slug):
        form = next(f for f in browser.get(f"/spaces/{slug}/wiki/-/new").forms.values() if "body" in f.fields)
        form["title"], form["body"] = "Fire", "What to do in a blaze."
        form.submit(status=303)
    return {"anna": browser, "bert": as_user(bert)}


def finds(browser: TestApp, path: str = PAGE) -> bool:
    return browser.get(path, status="*").status_int == 200


def test_off_is_404_for_everybody_and_back_on_all_is_back(pages, put, run_jobs) -> None:
    run_jobs()
    before = pages["anna"].get(PAGE).html.find("article").get_text()
    put("off")
    for path in (PAGE, f"{PAGE}/edit", f"{PAGE}/history", "/spaces/handbook/wiki", "/spaces/handbook/wiki/-/new"):
        assert pages["anna"].get(path, status=404)
    home = pages["anna"].get("/spaces/handbook")
    assert "Fire" not in home and "/wiki" not in home
    assert "blaze" not in pages["anna"].get("/search?q=blaze").html.find("main").get_text().replace("“blaze”", "")
    put("on")
    assert pages["anna"].get(PAGE).html.find("article").get_text() == before
    assert "/wiki/fire" in pages["anna"].get("/search?q=blaze")


def test_pilot_is_for_its_groups_everywhere_and_in_its_spaces_for_everybody(pages, put, group, other) -> None:
    put("pilot", group_ids=(group.id,))
    assert finds(pages["bert"]) and finds(pages["bert"], "/spaces/elsewhere/wiki/fire")
    assert not finds(pages["anna"]) and "wiki" not in pages["anna"].get("/spaces/handbook").html.find("main").get_text()
    put("pilot", group_ids=(group.id,), space_ids=(other.id,))
    assert not finds(pages["anna"]) and finds(pages["anna"], "/spaces/elsewhere/wiki/fire")


def test_spaces_choose_what_may_be_chosen_and_decline_what_is_on(pages, put, db, space, other, anna) -> None:
    put("opt_in")
    assert not finds(pages["anna"])
    choose(db, "wiki", space.id, True, user_id=anna.id)
    db.commit()
    assert finds(pages["bert"]) and not finds(pages["anna"], "/spaces/elsewhere/wiki/fire")
    put("on")
    choose(db, "wiki", other.id, False, user_id=anna.id)
    db.commit()
    assert finds(pages["bert"]) and not finds(pages["bert"], "/spaces/elsewhere/wiki/fire")
    put("required")
    assert finds(pages["bert"], "/spaces/elsewhere/wiki/fire")


def test_what_is_being_retired_is_read_and_no_longer_changed(pages, put) -> None:
    token = pages["anna"].get(f"{PAGE}/edit").html.find("input", {"name": "csrf_token"})["value"]
    put("retiring", reach="on")
    assert finds(pages["anna"]) and f'{PAGE}/edit"' not in pages["anna"].get(PAGE)
    assert pages["anna"].get(f"{PAGE}/edit", status=403)
    answer = pages["anna"].post(f"{PAGE}/edit", {"csrf_token": token, "title": "x"}, status=403)
    assert "being retired" in answer


def test_item_page_costs_no_statement_more_with_a_pilot(pages, put, group, engine: Engine) -> None:
    def statements(browser: TestApp) -> int:
        browser.get(PAGE)
        seen: list[str] = []
        event.listen(engine, "before_cursor_execute", note := lambda *given: seen.append(given[2]))
        browser.get(PAGE)
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    usual = statements(pages["bert"])
    put("pilot", group_ids=(group.id,))
    assert statements(pages["bert"]) == usual


def test_undecided_plugin_stands_where_the_site_says(pages, put, db) -> None:
    put("off")
    forget(db, "wiki")
    db.commit()
    assert finds(pages["anna"])


def test_jobs_of_a_plugin_that_nobody_has_wait(app: TestApp, db: Session, run_jobs, put) -> None:
    done: list[str] = []
    app.app.registry["plein.plugins"].jobs["wiki.test"] = Job("wiki.test", lambda context: done.append("ran"), "Test")
    put("off")
    enqueue(db, "wiki.test", {})
    db.commit()
    run_jobs()
    assert done == []
    put("on")
    app.app.registry["plein.ladders"].kept.look_again()
    run_jobs()
    assert done == ["ran"]


def test_audience_counts_only_who_has_the_plugin(pages, put, group, db, anna, bert) -> None:
    assert "2" in pages["bert"].get(f"{PAGE}/access").html.find("main").get_text()
    put("pilot", group_ids=(group.id,))
    page = pages["bert"].get(f"{PAGE}/access").html.find("main").get_text(" ", strip=True)
    named = page.partition("By name")[2]
    assert "Bert" in named and "Anna" not in named
