"""Roles in administration: who has which, giving and taking, and that nobody gets more than they should."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from plein.audit.models import AuditEntry
from plein.db import open_session
from plein.people.models import SiteRole, User
from plein.people.offices import OfficeError, OfficeService, offices_of
from plein.security.viewer import Viewer

PAGE = "/admin/offices"


@pytest.fixture
def people(make_user: Callable, as_user: Callable) -> SimpleNamespace:
    admin, anna = make_user("admin", is_admin=True), make_user("anna")
    return SimpleNamespace(admin=admin, anna=anna, browser=as_user(admin), as_anna=lambda: as_user(anna))


def send(browser: Any, status: int = 303, **values: str) -> Any:
    token = browser.get(PAGE).html.find("input", attrs={"name": "csrf_token"})["value"]
    return browser.post(PAGE, {"csrf_token": token, **values}, status=status)


def test_office_is_given_shown_and_taken_with_undo(people: SimpleNamespace, db: Any) -> None:
    before = people.as_anna()
    page = send(people.browser, do="give", who="Anna", office="moderator").follow()
    assert "Anna now has the role: Moderator" in page.text
    assert "Spaces: Give a space a manager again" in page.text
    assert "/sign-in" in before.get("/spaces", status=303).location, "rights changed, so the session ended"
    people.as_anna().get("/admin/spaces", status=200)
    undo = next(form for form in page.forms.values() if "do" in form.fields and form["do"].value == "take")
    undo.submit(status=303)
    people.as_anna().get("/admin", status=403)
    acts = db.scalars(select(AuditEntry.action).where(AuditEntry.action.like("office.%")).order_by(AuditEntry.number))
    assert acts.all() == ["office.given", "office.taken"]


def test_profile_shows_offices(people: SimpleNamespace) -> None:
    send(people.browser, do="give", who="anna", office="analyst").follow()
    assert "Analyst" in people.as_anna().get("/people/anna").text


@pytest.mark.parametrize(
    "values",
    [
        {"do": "give", "who": "nobody", "office": "analyst"},
        {"do": "give", "who": "guest", "office": "analyst"},
        {"do": "give", "who": "gone", "office": "analyst"},
        {"do": "give", "who": "anna", "office": "everyone"},
        {"do": "take", "who": "admin", "office": "admin"},
        {"do": "give", "who": "", "office": "analyst"},
    ],
)
def test_what_cannot_be_is_said_at_the_field(
    people: SimpleNamespace, make_user: Callable, db: Any, values: Any
) -> None:
    make_user("guest", kind="guest")
    make_user("gone", state="suspended")
    page = send(people.browser, 422, **values)
    assert page.html.find(class_="error-summary") is not None
    assert db.scalars(select(SiteRole)).all() == []


def test_only_an_administrator_gives_offices(people: SimpleNamespace, engine: Any) -> None:
    send(people.browser, do="give", who="anna", office="people_manager")
    people.as_anna().get(PAGE, status=403)
    with open_session(engine, writes=True) as db:
        anna = db.get(User, people.anna.id)
        viewer = Viewer(user_id=anna.id, kind="person", roles=frozenset({"people_manager"}))
        for office in ("admin", "people_manager", "moderator"):
            with pytest.raises(OfficeError):
                OfficeService(db, viewer).give(anna, office)


def test_two_last_administrators_cannot_both_be_taken(engine: Any, make_user: Callable) -> None:
    both = [make_user("ada", is_admin=True), make_user("bo", is_admin=True)]
    start, refused = threading.Barrier(2), []

    def take(whom: Any) -> None:
        start.wait()
        try:
            with open_session(engine, writes=True) as db, db.begin():
                OfficeService(db, None).take(db.get(User, whom.id), "admin")
        except OfficeError:
            refused.append(whom)

    threads = [threading.Thread(target=take, args=(whom,)) for whom in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def test_suspended_administrator_does_not_count_as_one_who_is_left(engine: Any, make_user: Callable) -> None:
    ada = make_user("ada", is_admin=True)
    make_user("bo", is_admin=True, state="suspended")
    with open_session(engine, writes=True) as db, pytest.raises(OfficeError):
        OfficeService(db, None).take(db.get(User, ada.id), "admin")


def test_giving_twice_changes_nothing(engine: Any, make_user: Callable) -> None:
    ada = make_user("ada")
    with open_session(engine, writes=True) as db, db.begin():
        service, user = OfficeService(db, None), db.get(User, ada.id)
        assert service.give(user, "analyst") and not service.give(user, "analyst")
        assert service.give(user, "admin") and offices_of(db, ada.id) == ["admin", "analyst"]


def test_page_takes_few_statements_however_many_hold_one(
    people: SimpleNamespace, make_user: Callable, engine: Any, count_statements: Callable
) -> None:
    totals = []
    for round_ in range(2):
        persons = [make_user(f"p{round_}{number}") for number in range(1 + 20 * round_)]
        with open_session(engine, writes=True) as db, db.begin():
            for person in persons:
                OfficeService(db, None).give(db.get(User, person.id), "moderator")
        people.browser.get(PAGE)
        with count_statements() as counted:
            people.browser.get(PAGE)
        totals.append(counted.total)
    assert totals[0] == totals[1] <= 6, str(counted)
