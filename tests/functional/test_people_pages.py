"""Pages of people: the directory, one's own preferences and devices, and accounts as administrators keep them."""

import re
from typing import Any

import pytest
from known_password import PASSWORD, PASSWORD_HASH
from sqlalchemy import func, insert, select
from webtest import TestApp

from plein.people import passwords
from plein.people.lifecycle import suspend
from plein.people.models import SignInLink, SignInSession, User
from plein.people.services import LastAdministratorError, LoginTakenError, PeopleService


@pytest.fixture
def anna(make_user) -> User:
    return make_user("anna", name="Anna", password_hash=PASSWORD_HASH)


@pytest.fixture
def admin(make_user, as_user) -> TestApp:
    return as_user(make_user("root", name="Root", is_admin=True))


def form_to(page: Any, action: str) -> Any:
    return next(form for form in page.forms.values() if form.action == action)


def test_directory_shows_colleagues_and_nobody_else(as_user, anna: User, make_user) -> None:
    make_user("ben", name="Ben Bakker", email="ben@example.nl")
    make_user("gone", name="Gone Away", state="suspended")
    make_user("visitor", name="Some Guest", kind="guest")
    page = as_user(anna).get("/people")
    assert "Ben Bakker" in page and "ben@example.nl" in page
    assert "Gone Away" not in page and "Some Guest" not in page
    found = as_user(anna).get("/people?q=bakker&show=table").html.find("tbody").get_text()
    assert "Ben Bakker" in found and "Anna" not in found


def test_search_sign_of_the_database_is_a_letter_like_any_other(as_user, anna: User) -> None:
    browser = as_user(anna)
    for text in ("%", "_", "\\", "'", "a%b"):
        assert browser.get("/people", {"q": text}).html.find(class_="person-card") is None


def test_guest_sees_no_directory(as_user, make_user) -> None:
    browser = as_user(make_user("visitor", kind="guest"))
    browser.get("/people", status=403)
    browser.get("/people/visitor", status=200)
    make_user("stranger")
    browser.get("/people/stranger", status=404)


def test_page_of_a_suspended_person_is_gone_for_colleagues(as_user, anna: User, make_user, admin: TestApp) -> None:
    make_user("gone", state="suspended")
    as_user(anna).get("/people/gone", status=404)
    as_user(anna).get("/people/nobody", status=404)
    admin.get("/people/gone", status=200)


def test_long_directory_comes_in_pages_and_costs_the_same(as_user, anna: User, db, count_statements) -> None:
    rows = [
        {"uid": str(n), "login": f"p{n:05}", "name": f"Person {n:05}", "email": "", "kind": "person", "state": "active"}
        for n in range(120)
    ]
    defaults = {"is_admin": False, "password_hash": "", "theme": "auto"}
    db.execute(insert(User), [row | defaults for row in rows])
    db.commit()
    browser, seen, address = as_user(anna), set(), "/people"
    while address:
        with count_statements() as counted:
            page = browser.get(address)
        assert counted.total <= 10, str(counted)
        names = set(re.findall(r"Person \d{5}", page.text))
        assert names and not names & seen
        seen |= names
        following = page.html.find("a", rel="next")
        address = following["href"] if following else ""
    assert len(seen) == 120


def test_preferences_are_kept(as_user, anna: User, db) -> None:
    browser = as_user(anna)
    form = form_to(browser.get("/me/preferences"), "/me/preferences")
    form["name"], form["locale"], form["theme"], form["keys"] = "Anna de Vries", "nl", "dark", False
    page = form.submit(status=303).follow()
    html = page.html.html
    assert (html["lang"], html["data-theme"], html["data-keys"]) == ("nl", "dark", "off")
    row = db.execute(select(User.name, User.locale, User.theme)).one()
    assert tuple(row) == ("Anna de Vries", "nl", "dark")


def test_preferences_reach_no_other_column(as_user, anna: User, db) -> None:
    form = form_to(as_user(anna).get("/me/preferences"), "/me/preferences")
    fields = {name: form[name].value for name in ("csrf_token", "name")} | {"is_admin": "1", "login": "root", "id": "9"}
    as_user(anna)
    browser = form.response.test_app
    browser.post("/me/preferences", {**fields, "locale": "", "theme": "auto"}, status=303)
    assert tuple(db.execute(select(User.login, User.is_admin)).one()) == ("anna", False)


def test_wrong_preferences_come_back_with_a_sentence(as_user, anna: User) -> None:
    form = form_to(as_user(anna).get("/me/preferences"), "/me/preferences")
    form["name"] = " "
    page = form.submit(status=422)
    assert "Fill this in." in page.html.find(class_="error-summary").get_text()


def change_password(browser: TestApp, current: str, new: str, again: str, status: int) -> Any:
    form = form_to(browser.get("/me/preferences"), "/me/password")
    form["current_password"], form["new_password"], form["repeat_password"] = current, new, again
    return form.submit(status=status)


NEW = "tafel zee en een uil"


@pytest.mark.parametrize(
    ("current", "new", "again", "field"),
    [
        ("wrong", NEW, NEW, "current_password"),
        (PASSWORD, "kort", "kort", "new_password"),
        (PASSWORD, "Anna-Anna-2024!", "Anna-Anna-2024!", "new_password"),
        (PASSWORD, NEW, "tafel zee", "repeat_password"),
    ],
)
def test_password_is_not_changed_by_mistake(
    as_user, anna: User, db, current: str, new: str, again: str, field: str
) -> None:
    page = change_password(as_user(anna), current, new, again, 422)
    assert page.html.find("a", href=f"#field-{field}")
    assert new not in page
    assert db.execute(select(User.password_hash)).scalar_one() == PASSWORD_HASH


def test_changed_password_signs_out_everywhere_else(as_user, anna: User, db) -> None:
    here, elsewhere = as_user(anna), as_user(anna)
    before = here.cookies["plein"]
    change_password(here, PASSWORD, NEW, NEW, 303)
    assert here.cookies["plein"] != before
    here.get("/people", status=200)
    elsewhere.get("/people", status=303)
    assert passwords.verify_password(db.execute(select(User.password_hash)).scalar_one(), NEW)


def test_devices_are_listed_and_can_be_signed_out(as_user, anna: User) -> None:
    here, elsewhere = as_user(anna), as_user(anna)
    page = here.get("/me/sessions")
    assert "This device" in page
    other = next(form for form in page.forms.values() if re.fullmatch(r"/me/sessions/\d+/end", form.action))
    other.submit(status=303)
    elsewhere.get("/people", status=303)
    here.get("/people", status=200)


def test_device_of_somebody_else_cannot_be_signed_out(as_user, anna: User, make_user, db) -> None:
    theirs = as_user(make_user("ben"))
    session = db.execute(select(func.max(SignInSession.id))).scalar_one()
    db.rollback()
    mine = as_user(anna)
    token = form_to(mine.get("/people"), "/sign-out")["csrf_token"].value
    mine.post(f"/me/sessions/{session}/end", {"csrf_token": token}, status=404)
    theirs.get("/people", status=200)


def test_all_other_devices_go_at_once(as_user, anna: User) -> None:
    here, second, third = as_user(anna), as_user(anna), as_user(anna)
    form_to(here.get("/me/sessions"), "/me/sessions/end-others").submit(status=303)
    here.get("/people", status=200)
    for browser in (second, third):
        browser.get("/people", status=303)


def test_switch_of_language_is_kept_with_the_account(as_user, anna: User, db) -> None:
    form = form_to(as_user(anna).get("/people"), "/me/language")
    form.submit("locale", value="nl", status=303)
    assert db.execute(select(User.locale)).scalar_one() == "nl"


@pytest.mark.parametrize("path", ["/admin/users", "/admin/users/-/new", "/admin/users/anna"])
def test_accounts_are_for_administrators(as_user, anna: User, app: TestApp, path: str) -> None:
    as_user(anna).get(path, status=403)
    TestApp(app.app, extra_environ=app.extra_environ).get(path, status=303)


def test_new_account_gives_a_link_that_signs_in(admin: TestApp, app: TestApp, db) -> None:
    form = form_to(admin.get("/admin/users/-/new"), "/admin/users/-/new")
    form["login"], form["name"], form["email"] = "Ben.Bakker", "Ben Bakker", "ben@example.nl"
    page = form.submit(status=200)
    address = page.html.find(id="field-link")["value"]
    assert address.startswith("http://127.0.0.1:6543/sign-in/link/")
    assert address not in admin.get("/admin/users/ben.bakker")
    assert db.execute(select(SignInLink.token_hash)).scalar_one() not in address
    db.rollback()
    newcomer = TestApp(app.app, extra_environ=app.extra_environ)
    path = address.removeprefix("http://127.0.0.1:6543")
    form = form_to(newcomer.get(path), path)
    form["new_password"] = form["repeat_password"] = "boom kast wolk regen"
    assert "Ben Bakker" in form.submit(status=303).follow()


@pytest.mark.parametrize(
    ("field", "value"), [("login", "root"), ("login", "a b"), ("login", "-"), ("name", ""), ("email", "nowhere")]
)
def test_wrong_account_comes_back_with_what_was_typed(admin: TestApp, db, field: str, value: str) -> None:
    form = form_to(admin.get("/admin/users/-/new"), "/admin/users/-/new")
    form["login"], form["name"], form["email"] = "ben", "Ben", "ben@example.nl"
    form[field] = value
    page = form.submit(status=422)
    assert page.html.find("a", href=f"#field-{field}")
    assert page.html.find(id=f"field-{field}")["value"] == value
    assert db.execute(select(func.count(User.id))).scalar_one() == 1


def test_guest_is_no_administrator(admin: TestApp, make_user, as_user, db) -> None:
    form = form_to(admin.get("/admin/users/-/new"), "/admin/users/-/new")
    form["login"], form["name"], form["kind"], form["is_admin"] = "ben", "Ben", "guest", True
    assert "A guest cannot be an administrator." in form.submit(status=422).text
    # Whatever a row says.
    as_user(make_user("gast", kind="guest", is_admin=True)).get("/admin", status=403)


def test_other_rights_end_the_sessions(admin: TestApp, as_user, anna: User) -> None:
    browser = as_user(anna)
    form = form_to(admin.get("/admin/users/anna"), "/admin/users/anna")
    form["is_admin"] = True
    form.submit(status=303)
    browser.get("/people", status=303)


def test_suspending_is_undone_by_its_notice(admin: TestApp, as_user, anna: User) -> None:
    browser = as_user(anna)
    done = form_to(admin.get("/admin/users/anna"), "/admin/users/anna/suspend").submit(status=303).follow()
    browser.get("/people", status=303)
    form_to(done, "/admin/users/anna/restore").submit(status=303)
    as_user(anna).get("/people", status=200)


def test_last_administrator_stays(admin: TestApp, db) -> None:
    form = form_to(admin.get("/admin/users/root"), "/admin/users/root")
    form["is_admin"] = False
    assert "last administrator" in form.submit(status=422)
    form_to(admin.get("/admin/users/root"), "/admin/users/root/suspend").submit(status=303)
    assert tuple(db.execute(select(User.is_admin, User.state)).one()) == (True, "active")


def test_service_refuses_what_the_form_would(db, make_user) -> None:
    make_user("anna", is_admin=True)
    service = PeopleService(db)
    with pytest.raises(LoginTakenError):
        service.create(login="ANNA", name="Another Anna")
    with pytest.raises(ValueError, match="cannot be a login"):
        service.create(login="an na", name="Anna")
    anna = service.find("anna")
    assert anna is not None
    with pytest.raises(LastAdministratorError):
        suspend(db, anna)
