"""Packages of functions: what managers choose from, what a template gives, and what people ask for."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.content.models import Content
from plein.ladder.changing import Decision, decide
from plein.ladder.models import RolloutChoice
from plein.people.models import Group, GroupPerson, User
from plein.rollout.packages.models import FunctionWish, SpacePackage
from plein.rollout.packages.services import Package, PackageService
from plein.spaces.models import Space

FUNCTIONS = "/spaces/handbook/-/functions"


@pytest.fixture
def root(make_user: Callable[..., User]) -> User:
    return make_user("root", is_admin=True)


@pytest.fixture
def anna(make_user: Callable[..., User]) -> User:
    return make_user("anna")


@pytest.fixture
def space(make_space: Callable[..., Space], anna: User, root: User) -> Space:
    return make_space("handbook", access="open", members={anna: "manager", root: "manager"})


@pytest.fixture
def put(db: Session) -> Callable[..., None]:
    """``put(wiki="opt_in")``: where plugins stand from now on."""

    def put_them(**stages: str) -> None:
        for plugin, stage in stages.items():
            decide(db, plugin, Decision(stage))
        db.commit()

    return put_them


@pytest.fixture
def package(db: Session) -> Package:
    made = PackageService(db).save(Package("", "Team", "For teams", ("wiki",)))
    db.commit()
    return made


def read(db: Session, statement: Any) -> list[Any]:
    """What a select gives, without holding on to the database."""
    found = [row[0] if len(row) == 1 else tuple(row) for row in db.execute(statement)]
    db.rollback()
    return found


def press(browser: TestApp, page: str, label: str, **more: Any) -> Any:
    """Press the button *label* on *page*."""
    found = browser.get(page)
    button = next(one for one in found.html.find_all("button") if label in one.get_text())
    number = found.html.find_all("form").index(button.find_parent("form"))
    form = found.forms[number]
    for name, value in more.items():
        form[name] = value
    return form.submit(status="*")


def test_managers_choose_what_may_be_chosen_and_take_it_back(space, put, as_user, anna) -> None:
    put(wiki="opt_in", links="off")
    browser = as_user(anna)
    assert "/wiki" not in browser.get("/spaces/handbook").html.find("main").decode()
    page = browser.get(FUNCTIONS)
    assert "Can be chosen" in page and 'value="links"' not in page
    assert press(browser, FUNCTIONS, "Choose Wiki").status_int == 303
    assert browser.get("/spaces/handbook/wiki", status=200)
    done = browser.get(FUNCTIONS)
    assert "On in this space" in done
    press(browser, FUNCTIONS, "Do without Wiki")
    assert browser.get("/spaces/handbook/wiki", status=404)


def test_what_is_required_is_no_choice(space, put, as_user, anna, db) -> None:
    put(wiki="required")
    browser = as_user(anna)
    token = browser.get(FUNCTIONS).html.find("meta", attrs={"name": "csrf-token"})["content"]
    assert "Do without Wiki" not in browser.get(FUNCTIONS)
    answer = browser.post(FUNCTIONS, {"csrf_token": token, "plugin": "wiki"}, status=303).follow()
    assert "not for the managers" in answer
    assert read(db, select(RolloutChoice.plugin)) == []
    for plugin in ("no-plugin", ""):
        answer = browser.post(FUNCTIONS, {"csrf_token": token, "plugin": plugin, "on": "yes"}, status=303)
        assert "no such function" in answer.follow()


def test_managers_choose_inside_their_package_and_ask_for_the_rest(space, put, package, as_user, anna, db) -> None:
    put(wiki="opt_in", links="opt_in")
    PackageService(db).give(space.id, package)
    db.commit()
    browser = as_user(anna)
    page = browser.get(FUNCTIONS)
    assert "Not in your package" in page and "Choose Wiki" in page
    assert press(browser, FUNCTIONS, "Ask for").status_int == 303
    assert read(db, select(FunctionWish.plugin, FunctionWish.space_id)) == [("links", space.id)]
    assert "You asked for this" in browser.get(FUNCTIONS)
    token = page.html.find("meta", attrs={"name": "csrf-token"})["content"]
    browser.post(FUNCTIONS, {"csrf_token": token, "plugin": "links", "on": "yes"}, status=303)
    assert browser.get("/spaces/handbook/links", status=404)


def test_people_ask_for_what_others_try_and_administrators_count_departments(
    space, as_user, anna, root, make_user, db
) -> None:
    decide(db, "wiki", Decision("pilot", space_ids=(space.id,)))
    decide(db, "links", Decision("off"))
    department = Group(uid="d", slug="parks", name="Parks", sort_name="parks", kind="department")
    db.add(department)
    bert = make_user("bert")
    db.flush()
    db.add_all(GroupPerson(group_id=department.id, user_id=one.id) for one in (bert, anna))
    db.commit()
    browser = as_user(bert)
    page = browser.get("/functions")
    assert "Others try it" in page and "/functions/links/ask" not in page
    asked = press(browser, "/functions", "Ask for this function", reason="Our minutes")
    assert "sees that you would like Wiki" in asked.follow()
    overview = as_user(root).get("/admin/asked-functions").html.find("main").get_text(" ", strip=True)
    assert "1 person asks for it" in overview and "Parks 1" in overview and "Our minutes" in overview
    assert "bert" not in overview.lower()
    press(browser, "/functions", "Do not ask for Wiki any more")
    assert read(db, select(FunctionWish.plugin)) == []
    token = page.html.find("meta", attrs={"name": "csrf-token"})["content"]
    for plugin in ("links", "nothing"):
        browser.post(f"/functions/{plugin}/ask", {"csrf_token": token}, status=404)


def test_guests_ask_for_nothing(put, as_user, make_user) -> None:
    put(wiki="opt_in")
    assert as_user(make_user("gast", kind="guest")).get("/functions", status=403)


def test_administrators_keep_packages(as_user, root, space, db) -> None:
    browser = as_user(root)
    assert "No packages yet" in browser.get("/admin/packages")
    form = browser.get("/admin/packages/-/new").forms.values()
    form = next(one for one in form if "title" in one.fields)
    form["title"] = "Knowledge"
    refused = form.submit(status=422)
    assert "at least one function" in refused and 'value="Knowledge"' in refused
    again = next(one for one in refused.forms.values() if "title" in one.fields)
    again.set("plugins", True, index=[box._value for box in again.fields["plugins"]].index("wiki"))
    again.submit(status=303)
    assert "Knowledge" in browser.get("/admin/packages")
    token = browser.get("/admin/packages").html.find("meta", attrs={"name": "csrf-token"})["content"]
    twice = browser.post(
        "/admin/packages/-/new", {"csrf_token": token, "title": "knowledge", "plugins": "wiki"}, status=422
    )
    assert "with this name already" in twice
    given = browser.post(f"{FUNCTIONS}/package", {"csrf_token": token, "package": "knowledge"}, status=303)
    assert given and read(db, select(SpacePackage.space_id)) == [space.id]
    browser.post("/admin/packages/knowledge/remove", {"csrf_token": token}, status=303)
    assert read(db, select(SpacePackage.space_id)) == []
    browser.get("/admin/packages/knowledge", status=404)


def test_template_gives_a_space_its_package_and_first_functions(as_user, root, put, package, db) -> None:
    put(wiki="opt_in", links="opt_in")
    browser = as_user(root)
    form = next(one for one in browser.get("/admin/spaces/templates/team").forms.values() if "package" in one.fields)
    form["package"] = "team"
    for plugin in ("wiki", "links"):
        form.set("plugins", True, index=[box._value for box in form.fields["plugins"]].index(plugin))
    form["is_offered"] = True
    form.submit(status=303)
    start = next(one for one in browser.get("/spaces/-/new?template=team").forms.values() if "purpose" in one.fields)
    start["name"] = "Parks"
    start.submit(status=303)
    (parks,) = read(db, select(Space.id).where(Space.slug == "parks"))
    assert read(db, select(SpacePackage.package_id).where(SpacePackage.space_id == parks)) == [package.id]
    chosen = read(db, select(RolloutChoice.plugin, RolloutChoice.is_on).where(RolloutChoice.space_id == parks))
    # Links is not in the package.
    assert chosen == [("wiki", True)]


def test_lists_cost_the_same_for_many(as_user, root, space, put, package, db, count_statements) -> None:
    put(wiki="opt_in")
    browser = as_user(root)
    for page in ("/admin/packages", FUNCTIONS, "/functions", "/admin/asked-functions"):
        browser.get(page)
        with count_statements() as counted:
            browser.get(page)
        assert counted.total <= 12, page


def test_starter_pages_of_a_function_that_is_chosen_at_the_start_are_written(as_user, root, put, db) -> None:
    put(wiki="opt_in")
    browser = as_user(root)
    start = next(one for one in browser.get("/spaces/-/new?template=team").forms.values() if "purpose" in one.fields)
    start["name"] = "Parks"
    start.submit(status=303)
    assert len(read(db, select(Content.id).join(Space).where(Space.slug == "parks"))) >= 1
    assert browser.get("/spaces/parks/wiki", status=200)
