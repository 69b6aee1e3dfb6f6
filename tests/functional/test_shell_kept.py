"""What stands around a page is kept for who looks: kept or made anew, it is the same, and never another's."""

from collections.abc import Callable
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from webtest import TestApp

from plein.contributions import NavigationItem
from plein.people.models import User
from plein.spaces.models import Membership, Space
from plein.web.shell import KeptShells

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])

PATHS = (
    "/",
    "/spaces",
    "/spaces?q=%22%3Cb%3E&x=1",
    "/spaces/garden",
    "/spaces/garden/wiki",
    "/spaces/garden/-/members",
    "/spaces/roof",
    "/spaces/roof?x=1",
    "/people",
    "/people/anna",
    "/search",
    "/search?q=moss",
    "/nowhere",
)


@pytest.fixture
def garden(make_user: Callable, make_space: Callable) -> SimpleNamespace:
    anna, bert = make_user("anna", name="Anna de Wit"), make_user("bert", name="Bert <b>", is_admin=True)
    return SimpleNamespace(
        anna=anna,
        bert=bert,
        garden=make_space("garden", name="Garden & Co", members={anna: "manager", bert: "reader"}),
        roof=make_space("roof", members={bert: "member"}),
    )


def kept(browser: TestApp) -> KeptShells:
    found: KeptShells = browser.app.registry["plein.shells"]
    return found


def around(page: Any) -> str:
    """The HTML of *page* without its own content."""
    html = page.html
    html.find("main").clear()
    return str(html)


def test_kept_and_made_anew_are_the_same(as_user: Callable, garden: SimpleNamespace) -> None:
    browsers = {user.login: as_user(user) for user in (garden.anna, garden.bert)}
    states = list(product(browsers, ("nl", "en"), ("theme:dark.keys:off", "theme:light"), PATHS))

    def look(login: str, language: str, looks: str, path: str) -> str:
        browser = browsers[login]
        browser.set_cookie("plein-locale", language)
        browser.set_cookie("plein-look", looks)
        return around(browser.get(path, status="*"))

    first = {state: look(*state) for state in states}
    again = {state: look(*state) for state in reversed(states)}
    assert again == first
    for state in states:
        browsers["anna"].app.registry["plein.shells"] = KeptShells()
        assert look(*state) == first[state], state


def test_each_browser_has_its_own_name_and_token(as_user: Callable, garden: SimpleNamespace) -> None:
    browsers = [as_user(garden.anna), as_user(garden.anna), as_user(garden.bert)]
    pages = [browser.get("/people") for _again in range(2) for browser in browsers]
    tokens = [{field["value"] for field in page.html.select("header [name=csrf_token]")} for page in pages]
    assert [len(found) for found in tokens] == [1] * 6
    assert tokens[:3] == tokens[3:]
    assert len({*tokens[0], *tokens[1], *tokens[2]}) == 3
    names = [page.html.select_one(".menu.me .who").get_text() for page in pages]
    assert names == ["Anna de Wit", "Anna de Wit", "Bert <b>"] * 2
    assert [bool(page.html.select(".menu.me a[href='/admin']")) for page in pages] == [False, False, True] * 2


def test_forms_lead_back_to_the_page_they_stand_on(as_user: Callable, garden: SimpleNamespace) -> None:
    browser = as_user(garden.anna)
    for address in ("/people", "/people?x=1", "/people?x=%22%3E&amp;=<", "/spaces?x=1"):
        page = browser.get(address)
        back = {field["value"] for field in page.html.select(".site-header [name=next], #keys [name=next]")}
        assert back == {page.request.path_qs}


def test_changed_name_role_and_space_show_at_once(as_user: Callable, garden: SimpleNamespace, db: Any) -> None:
    browser = as_user(garden.anna)
    before = browser.get("/spaces/garden").html
    assert before.select(".space-menu a[href='/spaces/garden/-/settings']")
    assert before.select(".menu.create a[href='/spaces/garden/wiki/-/new']")
    db.get(User, garden.anna.id).name = "Anna Bakker"
    db.get(Space, garden.garden.id).name = "Orchard"
    db.query(Membership).filter_by(user_id=garden.anna.id).one().role = "reader"
    db.commit()
    after = browser.get("/spaces/garden").html
    assert after.select_one(".menu.me .who").get_text() == "Anna Bakker"
    assert after.select_one(".space-menu .space-name").get_text() == "Orchard"
    assert not after.select(".space-menu a[href='/spaces/garden/-/settings']")
    assert not after.select(".menu.create a[href='/spaces/garden/wiki/-/new']")


def test_plugins_are_asked_for_their_entries_on_every_page(
    as_user: Callable, garden: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = as_user(garden.anna)
    entries = iter([[], [NavigationItem("Inbox (1)", "/inbox")], [NavigationItem("Inbox (2)", "/inbox")]])
    collect = type(browser.app.registry["plein.plugins"]).collect

    def answers(plugins: Any, hook_name: str, **arguments: Any) -> list[Any]:
        return next(entries) if hook_name == "navigation_items" else collect(plugins, hook_name, **arguments)

    monkeypatch.setattr(type(browser.app.registry["plein.plugins"]), "collect", answers)
    shown = [[one.get_text() for one in browser.get("/people").html.select(".me a[href='/inbox']")] for _ in range(3)]
    assert shown == [[], ["Inbox (1)"], ["Inbox (2)"]]


def test_nothing_is_kept_for_who_has_not_signed_in(app: TestApp) -> None:
    app.get("/sign-in")
    assert not kept(app)._kept
