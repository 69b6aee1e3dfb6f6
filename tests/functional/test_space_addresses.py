"""A space gets another address: each link to the earlier one leads on, for who may see it, and no other takes it."""

from collections.abc import Callable
from typing import Any

import pytest
from life_of_pages import write
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.people.models import User
from plein.spaces.addresses import MOST, Addresses
from plein.spaces.errors import SpaceError
from plein.spaces.models import Space, SpaceRedirect

PAGE = "/spaces/handbook/-/address"


@pytest.fixture
def mona(make_user: Callable[..., User]) -> User:
    return make_user("mona")


@pytest.fixture
def space(make_space: Callable[..., Space], mona: User) -> Space:
    return make_space("handbook", members={mona: "manager"})


@pytest.fixture
def browser(as_user: Callable, mona: User, space: Space) -> TestApp:
    return as_user(mona)


def change(browser: TestApp, address: str, page: str = PAGE, status: int = 303) -> Any:
    form = next(
        form for form in browser.get(page).forms.values() if "address" in form.fields and "act" not in form.fields
    )
    form["address"] = address
    return form.submit(status=status)


def slugs(db: Session) -> tuple[set[str], set[str]]:
    db.rollback()
    found = set(db.scalars(select(Space.slug))), set(db.scalars(select(SpaceRedirect.slug)))
    db.rollback()
    return found


def test_links_to_an_earlier_address_lead_on_to_every_page_below_it(browser: TestApp) -> None:
    write(browser, "Agenda")
    assert change(browser, "Guide to Us").location.endswith("/spaces/guide-to-us/-/address")
    for path in ("", "/wiki", "/wiki/agenda", "/wiki/agenda/history", "/-/members"):
        moved = browser.get(f"/spaces/handbook{path}?x=1&y=%C3%A9", status=301)
        assert moved.location.endswith(f"/spaces/guide-to-us{path}?x=1&y=%C3%A9")
        # Kept by no browser: the space may get this address back, and would then lead to itself.
        assert moved.headers["Cache-Control"] == "no-store"
        moved.follow(status=200)


def test_what_was_posted_to_an_earlier_address_is_posted_again(browser: TestApp, db: Session) -> None:
    form = next(form for form in browser.get("/spaces/handbook/wiki/-/new").forms.values() if "body" in form.fields)
    form["title"], form["body"] = "Kept", "Words that took an hour."
    change(browser, "guide")
    moved = form.submit("act", value="publish", status=308)
    assert moved.location.endswith("/spaces/guide/wiki/-/new")
    browser.post(moved.location, form.submit_fields("act", "publish"), status=303)
    assert "Words that took an hour." in browser.get("/spaces/guide/wiki/kept").text


def test_a_hidden_space_is_hidden_at_its_earlier_addresses_too(
    browser: TestApp, as_user: Callable, make_user: Callable[..., User], space: Space, db: Session, app: TestApp
) -> None:
    change(browser, "guide")
    db.execute(update(Space).values(access="hidden"))
    db.commit()
    stranger = as_user(make_user("sem"))
    hidden, never = (stranger.get(f"/spaces/{one}", status=404) for one in ("handbook", "never-was"))
    assert "guide" not in hidden.text
    # But for the reference.
    told, of_nothing = (page.html.find("main").get_text().split("administrator:")[0] for page in (hidden, never))
    assert told == of_nothing
    assert app.get("/spaces/handbook", status=303).location.endswith("next=%2Fspaces%2Fhandbook")


def test_a_hidden_space_gets_an_address_that_nobody_guesses(browser: TestApp, db: Session) -> None:
    db.execute(update(Space).values(access="hidden"))
    db.commit()
    address = change(browser, "reorganisation").location.split("/spaces/")[1].split("/")[0]
    assert address.startswith("reorganisation-") and len(address) == len("reorganisation-") + 6
    # Its own earlier one it gets back as it was.
    assert change(browser, "handbook", f"/spaces/{address}/-/address").location.endswith("/spaces/handbook/-/address")


@pytest.mark.parametrize("taken", ["other", "other-before"])
def test_an_address_that_another_space_has_or_had_is_refused_in_a_sentence(
    browser: TestApp, make_space: Callable[..., Space], db: Session, taken: str
) -> None:
    # Hidden: that it exists is said of both in the same words.
    other = make_space("other", access="hidden")
    db.add(SpaceRedirect(slug="other-before", space_id=other.id))
    db.commit()
    page = change(browser, taken, status=422)
    assert "Another space has this address or had it, and links lead there." in page.html.find("main").get_text()
    assert slugs(db) == ({"handbook", "other"}, {"other-before"})
    browser.get("/spaces/handbook", status=200)


@pytest.mark.parametrize("typed", ["", "-", "///", "日本", "x" * 61])
def test_what_is_no_address_is_refused_and_comes_back(browser: TestApp, db: Session, typed: str) -> None:
    page = change(browser, typed, status=422)
    assert next(one for one in page.html.find_all("input") if one.get("name") == "address").get("value", "") == typed
    assert slugs(db) == ({"handbook"}, set())


def test_a_new_space_does_not_take_an_earlier_address(browser: TestApp, db: Session) -> None:
    change(browser, "guide")
    form = next(form for form in browser.get("/spaces/-/new").forms.values() if "purpose" in form.fields)
    form["name"] = "Handbook"
    assert form.submit(status=303).location.endswith("/spaces/handbook-2")
    assert browser.get("/spaces/handbook", status=301).location.endswith("/spaces/guide")


def test_a_change_is_undone_and_redone_without_a_loop(browser: TestApp, db: Session) -> None:
    change(browser, "guide")
    page = browser.get("/spaces/guide/-/address")
    undo = next(form for form in page.forms.values() if "Undo" in form.html.get_text())
    assert undo.submit(status=303).location.endswith(PAGE)
    assert slugs(db) == ({"handbook"}, {"guide"})
    browser.get("/spaces/handbook", status=200)
    assert browser.get("/spaces/guide", status=301).location.endswith("/spaces/handbook")


def test_an_earlier_address_is_removed_and_put_back(browser: TestApp, db: Session) -> None:
    change(browser, "guide")
    page = browser.get("/spaces/guide/-/address")
    remove = next(form for form in page.forms.values() if "act" in form.fields and form["act"].value == "remove")
    page = remove.submit(status=303).follow()
    browser.get("/spaces/handbook", status=404)
    assert slugs(db) == ({"guide"}, set())
    undo = next(form for form in page.forms.values() if "Undo" in form.html.get_text())
    undo.submit(status=303)
    browser.get("/spaces/handbook", status=301)


def test_an_address_that_is_used_by_now_is_not_put_back(
    session_of: Callable, viewer_of: Callable, mona: User, space: Space, make_space: Callable[..., Space], db: Session
) -> None:
    with session_of(mona) as session:
        here = session.scalars(select(Space).where(Space.id == space.id)).one()
        addresses = Addresses(session, viewer_of(mona), here)
        addresses.change("guide")
        addresses.forget("handbook")
        session.commit()
        make_space("handbook", access="hidden")
        for taken in ("handbook", "guide"):
            with pytest.raises(SpaceError):
                addresses.keep(taken)
        session.commit()
    assert slugs(db) == ({"guide", "handbook"}, set())


def test_earlier_addresses_are_not_without_end(
    session_of: Callable, viewer_of: Callable, mona: User, space: Space, count_statements: Callable
) -> None:
    with session_of(mona) as session:
        here = session.scalars(select(Space).where(Space.id == space.id)).one()
        addresses = Addresses(session, viewer_of(mona), here)
        for number in range(MOST):
            assert addresses.change(f"guide-{number}")
        with pytest.raises(SpaceError, match="too many"):
            addresses.change("one-more")
        assert addresses.change("handbook")
        with count_statements() as counted:
            assert len(addresses.earlier()) == MOST
        assert counted.total == 1


def test_a_member_may_not_change_the_address(
    as_user: Callable, make_user: Callable[..., User], session_of: Callable, viewer_of: Callable, space: Space
) -> None:
    anna = make_user("anna")
    as_user(anna).get(PAGE, status=403)
    with session_of(anna) as session:
        here = session.scalars(select(Space).where(Space.id == space.id)).one()
        for act in (Addresses.change, Addresses.forget, Addresses.keep):
            with pytest.raises(SpaceError, match="Only the managers"):
                act(Addresses(session, viewer_of(anna), here), "guide")


def test_what_is_shown_inside_another_page_is_found_at_an_earlier_address(browser: TestApp) -> None:
    write(browser, "Agenda", body="Monday at nine.")
    write(browser, "Week", body="{{wiki.page:agenda}}\n\n[[Agenda]]")
    assert "Monday at nine." in browser.get("/spaces/handbook/wiki/week").text
    change(browser, "guide")
    page = browser.get("/spaces/guide/wiki/week")
    assert "Monday at nine." in page.text
    assert page.html.find("a", class_="wanted") is None
