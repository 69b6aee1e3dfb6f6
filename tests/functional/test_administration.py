"""Administration is made of pages with permissions of their own: an office opens its pages, and no other."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert
from webtest import TestApp

from plein.people.models import SiteRole, User

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def holder(db, make_user: Callable, as_user: Callable) -> Callable[[str], TestApp]:
    """``holder("moderator")``: the site as somebody with that office sees it."""

    def make(office: str) -> TestApp:
        user: User = make_user(office)
        db.execute(insert(SiteRole).values(user_id=user.id, role=office))
        db.commit()
        return as_user(user)

    return make


def tabs(page) -> list[str]:
    return [link.get_text(strip=True) for link in page.html.select("nav.tabs a, main .card li a")]


def test_office_opens_its_pages_and_no_other(holder: Callable) -> None:
    browser = holder("moderator")
    assert tabs(browser.get("/admin")) == ["Overview", "Spaces and rights", "Spaces"]
    browser.get("/admin/spaces", status=200)
    for address in ("/admin/users", "/admin/settings", "/admin/plugins"):
        browser.get(address, status=403)


def test_menu_leads_to_administration_for_whoever_has_a_page_of_it(holder: Callable, make_user, as_user) -> None:
    for browser, leads in ((holder("people_manager"), True), (as_user(make_user("anna")), False)):
        assert (browser.get("/").html.find("a", href="/admin") is not None) is leads


def test_overview_shows_only_what_is_ones_own(holder: Callable, as_user: Callable, make_user: Callable) -> None:
    page = holder("people_manager").get("/admin").html.find("main").get_text()
    assert "Python" not in page and "plein.site_name" not in page
    as_user(make_user("zoë", kind="person")).get("/admin", status=403)
    assert "Python" in as_user(make_user("root", is_admin=True)).get("/admin").text


def test_guest_with_an_office_opens_nothing(db, make_user: Callable, as_user: Callable) -> None:
    guest = make_user("guest", kind="guest")
    db.execute(insert(SiteRole).values(user_id=guest.id, role="people_manager"))
    db.commit()
    as_user(guest).get("/admin", status=403)


def test_people_manager_cannot_become_or_make_an_administrator(holder: Callable, make_user: Callable) -> None:
    browser = holder("people_manager")
    make_user("boss", is_admin=True)
    make_user("anna")
    page = browser.get("/admin/users/anna")
    token = page.html.find("input", attrs={"name": "csrf_token"})["value"]
    form = {"csrf_token": token, "name": "X", "kind": "person"}
    assert "is_admin" not in page.text
    for address, values in (
        ("/admin/users/-/new", {"login": "eve", "is_admin": "1"}),
        ("/admin/users/anna", {"is_admin": "1"}),
        ("/admin/users/people_manager", {"is_admin": "1"}),
        ("/admin/users/boss", {}),
        ("/admin/users/boss/suspend", {}),
        ("/admin/users/boss/link", {}),
    ):
        browser.post(address, form | values, status=403)
