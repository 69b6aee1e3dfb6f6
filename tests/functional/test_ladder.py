"""The ladder, on every way to a page: who does not have a plugin somewhere finds nothing of it there."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.app import main
from plein.contributions import Job
from plein.db import open_session, utcnow
from plein.inbox.models import Notification
from plein.jobs import enqueue
from plein.ladder.changing import Decision, choose, decide, forget
from plein.people.models import Group, User
from plein.people.standing import viewer_for
from plein.security import stamps
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
def group(make_group: Callable[..., Group], bert: User) -> Group:
    """A group of Bert's."""
    return make_group("pilot", "Pilot", bert)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no number of its own looks at the ladder each time, not once a second."""
    monkeypatch.setattr(stamps, "LOOK_EVERY", 0.0)


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


def test_jobs_of_a_plugin_that_nobody_has_wait(app: TestApp, db: Session, run_jobs, put, at_once) -> None:
    done: list[str] = []
    app.app.registry["plein.plugins"].jobs["wiki.test"] = Job("wiki.test", lambda context: done.append("ran"), "Test")
    put("off")
    enqueue(db, "wiki.test", {})
    db.commit()
    run_jobs()
    assert done == []
    put("on")
    run_jobs()
    assert done == ["ran"]


def test_audience_counts_only_who_has_the_plugin(pages, put, group, db, anna, bert) -> None:
    assert "2" in pages["bert"].get(f"{PAGE}/access").html.find("main").get_text()
    put("pilot", group_ids=(group.id,))
    page = pages["bert"].get(f"{PAGE}/access").html.find("main").get_text(" ", strip=True)
    named = page.partition("By name")[2]
    assert "Bert" in named and "Anna" not in named


def write(browser: TestApp, path: str, **fields: str) -> None:
    form = browser.get(f"{path}/-/new").forms["item-form"]
    for name, value in fields.items():
        form[name] = value
    form.submit(status=303)


def test_page_that_shows_a_link_inside_keeps_a_neutral_place_for_it(pages, db) -> None:
    write(pages["anna"], "/spaces/handbook/links", title="Law", address="https://example.nl/law")
    write(pages["anna"], "/spaces/handbook/wiki", title="About", body="Read {{links:law}} first.\n\n{{links:law}}")
    about = "/spaces/handbook/wiki/about"
    assert "Law" in pages["bert"].get(about).html.find(class_="prose").text
    decide(db, "links", Decision("off"))
    db.commit()
    prose = pages["bert"].get(about).html.find(class_="prose")
    assert prose.find(class_="embed-missing") is not None and "Law" not in prose.text
    decide(db, "links", Decision("on"))
    db.commit()
    assert "Law" in pages["bert"].get(about).html.find(class_="prose").text


def test_what_a_plugin_told_is_not_told_while_it_is_off(pages, put, db, engine, bert, space, other, at_once) -> None:
    told = {"reason": "addressed", "created_at": utcnow()}
    for number, place in enumerate((None, space.id, other.id)):
        row = Notification(user_id=bert.id, kind="wiki.split", group_key=f"wiki {number}", space_id=place, **told)
        db.add(row)
    db.add(Notification(user_id=bert.id, kind="wikipedia.new", group_key="other", **told))
    db.commit()

    def number() -> int:
        with open_session(engine, viewer=viewer_for(db, bert.id)) as theirs:
            return theirs.scalar(
                select(func.count()).select_from(Notification).where(Notification.group_key.like("%i%"))
            ) + theirs.scalar(select(func.count()).select_from(Notification).where(Notification.group_key == "other"))

    assert number() == 4
    put("off")
    assert number() == 1
    put("pilot", space_ids=(space.id,))
    assert number() == 2
    put("on")
    choose(db, "wiki", other.id, False, user_id=None)
    db.commit()
    assert number() == 3


def test_people_get_all_of_their_own_whoever_has_the_plugin(pages, put, run_jobs) -> None:
    put("off")
    page = pages["anna"].get("/me/data")
    next(form for form in page.forms.values() if form.action.endswith("/me/data/export")).submit(status=303)
    run_jobs()
    archive = zipfile.ZipFile(BytesIO(pages["anna"].get("/me/data").click("Download").body))
    assert any("blaze" in archive.read(name).decode(errors="replace") for name in archive.namelist())


def test_hooks_of_a_plugin_are_called_where_it_is(pages, put, other) -> None:
    assert "Fire" in pages["bert"].get("/spaces/handbook").html.find("main").text
    put("pilot", space_ids=(other.id,))
    assert "Fire" not in pages["bert"].get("/spaces/handbook").html.find("main").text
    assert "Fire" in pages["bert"].get("/spaces/elsewhere").html.find("main").text


def test_another_process_knows_it_on_its_next_request(pages, put, settings_values, as_user, bert, app) -> None:
    process = main(**settings_values)
    second = TestApp(process, extra_environ=app.extra_environ, cookiejar=pages["bert"].cookiejar)
    assert finds(second)
    put("off")
    assert not finds(second) and not finds(pages["bert"])
    put("on")
    assert finds(second) and finds(pages["bert"])
    process.registry["plein.engine"].dispose()
