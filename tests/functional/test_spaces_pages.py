"""The pages of spaces, of the start and of administration, walked through as people do."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from webtest import TestApp

from plein.db import db_unguarded
from plein.spaces.models import Membership

# What the pages ask the database is tested on both where the rules are; here it is the pages.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def anna(make_user) -> Any:
    return make_user("anna", name="Anna de Wit")


@pytest.fixture
def mona(make_user) -> Any:
    return make_user("mona", name="Mona Bakker")


def press(page: Any, label: str, **fields: str) -> Any:
    """Press the button that says *label*, and go where it leads."""
    for form in page.forms.values():
        words = " ".join(button.get_text() for button in form.html.find_all("button"))
        if label in words:
            for name, value in fields.items():
                form[name] = value
            return form.submit(status="*").maybe_follow()
    raise AssertionError(f"no button {label!r} on the page")


def has_button(page: Any, label: str) -> bool:
    return any(label in button.get_text() for button in page.html.find_all("button"))


def notices(page: Any) -> str:
    return page.html.find(class_="notices").get_text(" ", strip=True)


# Starting


def test_a_space_is_started_found_and_opened(as_user, anna) -> None:
    browser = as_user(anna)
    form = _space_form(browser.get("/spaces/-/new"))
    form["name"], form["purpose"], form["access"] = "Green roofs", "How we make <them>", "closed"
    page = form.submit(status=303).follow()
    assert page.request.path == "/spaces/green-roofs"
    assert page.html.h1.get_text() == "Green roofs"
    assert "Green roofs is there" in notices(page)
    assert "How we make &lt;them&gt;" in page.text
    assert "Only members can read what is in this space." in page.html.find("main").get_text()
    listed = browser.get("/spaces").html.find(class_="space-card")
    assert listed.a["href"] == "/spaces/green-roofs"
    assert "Manager" in listed.get_text()


def _space_form(page: Any) -> Any:
    return next(form for form in page.forms.values() if "purpose" in form.fields)


def test_a_form_that_is_refused_keeps_what_was_typed(as_user, anna) -> None:
    form = _space_form(as_user(anna).get("/spaces/-/new"))
    form["purpose"], form["access"] = "For the garden team", "hidden"
    page = form.submit(status=422)
    again = _space_form(page)
    assert (again["purpose"].value, again["access"].value) == ("For the garden team", "hidden")
    assert page.html.find(class_="error-summary").a["href"] == "#field-name"
    assert "Give the space a name." in page.html.find(id="field-name-error").get_text()


def test_what_was_typed_cannot_become_another_column(as_user, anna, db) -> None:
    browser = as_user(anna)
    form = _space_form(browser.get("/spaces/-/new"))
    fields = dict(form.submit_fields()) | {"name": "Team", "slug": "chosen", "id": "77", "uid": "chosen"}
    assert browser.post("/spaces/-/new", fields, status=303).location.endswith("/spaces/team")


def test_each_access_says_who_can_see_the_space(as_user, anna) -> None:
    page = as_user(anna).get("/spaces/-/new")
    hints = [one.get_text() for one in page.html.find(id="field-access").find_all(class_="hint")]
    assert len(hints) == 3
    assert "Only members know that it exists" in hints[2]


# The list


def names(page: Any) -> list[str]:
    return [card.h2.a.get_text() for card in page.html.find_all(class_="space-card")]


def test_the_list_has_filters_that_make_a_link(as_user, anna, make_space) -> None:
    make_space("garden", name="Garden", members={anna: "member"})
    make_space("roads", name="Roads")
    make_space("plans", name="Plans", access="hidden")
    browser = as_user(anna)
    assert names(browser.get("/spaces")) == ["Garden", "Roads"]
    assert names(browser.get("/spaces?show=mine")) == ["Garden"]
    assert names(browser.get("/spaces?q=roa")) == ["Roads"]
    empty = browser.get("/spaces?show=mine&q=roa")
    assert names(empty) == []
    assert "No space has this in its name" in empty.text


def test_an_empty_list_says_what_to_do_first(as_user, anna) -> None:
    page = as_user(anna).get("/spaces")
    assert page.html.find(class_="empty").find("a")["href"] == "/spaces/-/new"
    mine = as_user(anna).get("/spaces?show=mine")
    assert "You are in no space yet" in mine.text


def test_a_long_list_goes_on_at_the_next_page(as_user, anna, make_space) -> None:
    for number in range(31):
        make_space(name=f"Space {number:02}")
    browser = as_user(anna)
    first = browser.get("/spaces")
    assert len(first.html.find_all(class_="space-card")) == 30
    second = browser.get(first.html.find(class_="pager").find("a", rel="next")["href"])
    assert names(second) == ["Space 30"]


# Joining and leaving


def test_an_open_space_is_joined_at_once_and_that_can_be_undone(as_user, anna, make_space) -> None:
    make_space("garden", name="Garden")
    page = press(as_user(anna).get("/spaces/garden"), "Join")
    assert "You are now a member of Garden." in notices(page)
    assert not has_button(page, "Join")
    page = press(page, "Undo")
    assert "You left Garden." in notices(page)
    assert has_button(page, "Join")


def test_a_closed_space_shows_its_purpose_and_lets_people_ask(as_user, anna, mona, make_space) -> None:
    make_space("club", name="Club", purpose="For the jubilee", access="closed", members={mona: "manager"})
    browser = as_user(anna)
    page = browser.get("/spaces/club")
    assert "For the jubilee" in page.text
    assert "Mona" not in page.text
    page = press(page, "Ask to join")
    assert "You asked to join" in page.html.find("main").get_text()
    browser.get("/spaces/club/-/members", status=403)
    manager = as_user(mona)
    assert "1 person asks to join." in manager.get("/spaces/club").text
    answered = press(manager.get("/spaces/club/-/members"), "Let in")
    assert "Anna de Wit is now a member." in notices(answered)
    assert "Mona Bakker" in browser.get("/spaces/club/-/members").text


def test_a_request_is_taken_back_or_declined(as_user, anna, mona, make_space) -> None:
    make_space("club", name="Club", access="closed", members={mona: "manager"})
    browser = as_user(anna)
    page = press(press(browser.get("/spaces/club"), "Ask to join"), "Take back my request")
    assert "taken back" in notices(page)
    press(page, "Ask to join")
    declined = press(as_user(mona).get("/spaces/club/-/members"), "Decline")
    assert "The request of Anna de Wit is declined." in notices(declined)
    assert has_button(browser.get("/spaces/club"), "Ask to join")


def test_the_last_manager_is_told_why_leaving_is_not_possible(as_user, mona, make_space) -> None:
    make_space("garden", members={mona: "manager"})
    page = press(as_user(mona).get("/spaces/garden"), "Leave this space")
    assert "You are the only manager." in notices(page)
    assert has_button(page, "Leave this space")


def test_leaving_a_hidden_space_leads_to_the_list(as_user, anna, mona, make_space) -> None:
    make_space("plans", access="hidden", members={mona: "manager", anna: "member"})
    browser = as_user(anna)
    page = press(browser.get("/spaces/plans"), "Leave this space")
    assert page.request.path == "/spaces"
    browser.get("/spaces/plans", status=404)


# Members


def test_a_manager_adds_changes_and_removes_a_member_and_undoes_that(as_user, anna, mona, make_space) -> None:
    make_space("plans", name="Plans", access="hidden", members={mona: "manager"})
    browser = as_user(mona)
    page = press(browser.get("/spaces/plans/-/members"), "Add", who="anna de wit", role="reader")
    assert "Anna de Wit is now a member." in notices(page)
    row = next(form for form in page.forms.values() if form.action.endswith(f"/{anna.id}/role"))
    row["role"] = "editor"
    page = row.submit().follow()
    assert "The role of Anna de Wit is now: editor." in notices(page)
    page = press(page, "Undo")
    assert "reader" in notices(page)
    remove = next(form for form in page.forms.values() if form.action.endswith(f"/{anna.id}/remove"))
    page = remove.submit().follow()
    assert "Anna de Wit is no longer in this space." in notices(page)
    page = press(page, "Undo")
    assert page.html.find("table").get_text().count("Anna de Wit") == 1


def test_somebody_unknown_is_not_added_and_the_field_says_so(as_user, mona, make_space) -> None:
    make_space("garden", members={mona: "manager"})
    browser = as_user(mona)
    form = next(one for one in browser.get("/spaces/garden/-/members").forms.values() if "who" in one.fields)
    form["who"] = "Nobody <b>"
    page = form.submit(status=422)
    assert "There is nobody here called Nobody &lt;b&gt;." in page.text
    assert page.html.find(id="field-who")["value"] == "Nobody <b>"


def test_members_see_each_other_without_buttons(as_user, anna, mona, make_space) -> None:
    make_space("garden", members={mona: "manager", anna: "member"})
    page = as_user(anna).get("/spaces/garden/-/members")
    assert "Mona Bakker" in page.text
    assert page.html.find("main").find("form") is None


def test_a_manager_who_lost_the_role_meanwhile_is_refused(as_user, anna, mona, make_space, db) -> None:
    space = make_space("garden", members={mona: "manager", anna: "manager"})
    browser = as_user(anna)
    page = browser.get("/spaces/garden/-/members")
    db.get(Membership, (space.id, anna.id)).role = "member"
    db.commit()
    form = next(form for form in page.forms.values() if form.action.endswith(f"/{mona.id}/remove"))
    form.submit(status=403)


# Settings


def test_settings_are_changed_and_put_back(as_user, mona, make_space) -> None:
    make_space("garden", name="Garden", members={mona: "manager"})
    browser = as_user(mona)
    form = _space_form(browser.get("/spaces/garden/-/settings"))
    form["name"], form["access"] = "Garden and park", "closed"
    page = form.submit(status=303).follow()
    assert page.request.path == "/spaces/garden"
    assert page.html.h1.get_text() == "Garden and park"
    page = press(page, "Undo")
    assert page.html.h1.get_text() == "Garden"
    assert _space_form(browser.get("/spaces/garden/-/settings"))["access"].value == "open"


def test_a_changed_form_without_its_token_changes_nothing(as_user, mona, make_space) -> None:
    make_space("garden", name="Garden", members={mona: "manager"})
    browser = as_user(mona)
    fields = {"name": "Taken over", "access": "open", "language": "nl"}
    for address in ("/spaces/garden/-/settings", "/spaces/garden/-/leave", "/spaces/garden/-/members", "/spaces/-/new"):
        assert browser.post(address, fields, expect_errors=True).status_code in (400, 403)
    assert browser.get("/spaces/garden").html.h1.get_text() == "Garden"


def test_reading_an_address_that_changes_something_does_nothing(as_user, mona, make_space) -> None:
    make_space("garden", members={mona: "manager"})
    for act in ("join", "leave", f"members/{mona.id}/remove", f"members/{mona.id}/role"):
        as_user(mona).get(f"/spaces/garden/-/{act}", status=404)


# Start


def test_a_first_visit_shows_three_things_to_do(as_user, anna, make_space) -> None:
    browser = as_user(anna)
    steps = browser.get("/").html.find(class_="first-steps").find_all("li")
    assert len(steps) == 3
    for step in steps:
        browser.get(step.a["href"], status=200)
    make_space("garden", name="Garden", members={anna: "member"})
    page = browser.get("/")
    assert page.html.find(class_="first-steps") is None
    assert "Garden" in page.html.find(class_="my-spaces").get_text()


def test_start_shows_what_changed_where_one_may_look(as_user, anna, mona, make_space) -> None:
    make_space("garden", name="Garden", members={mona: "manager"})
    make_space("plans", name="Plans", access="hidden", members={mona: "manager"})
    writer = as_user(mona)
    for space, title in (("garden", "Open page"), ("plans", "Secret page")):
        forms = writer.get(f"/spaces/{space}/wiki/-/new").forms.values()
        form = next(one for one in forms if "body" in one.fields)
        form["title"], form["body"] = title, "Text"
        form.submit(status=303)
    assert "Secret page" in writer.get("/").text
    seen = as_user(anna).get("/").text
    assert "Open page" in seen
    assert "Secret page" not in seen
    assert "Plans" not in seen


def test_who_is_not_signed_in_is_sent_to_do_that(app: TestApp, make_space) -> None:
    make_space("garden")
    for address in ("/", "/spaces", "/spaces/garden", "/spaces/nothing-here", "/spaces/garden/-/members"):
        answer = app.get(address, status=303)
        assert "/sign-in" in answer.location


# Administration


@pytest.fixture
def admin(make_user, as_user) -> TestApp:
    return as_user(make_user("root", is_admin=True))


def test_the_overview_tells_what_needs_attention_with_the_remedy(admin, make_user, make_space) -> None:
    page = admin.get("/admin")
    text = page.html.find("main").get_text(" ", strip=True)
    assert "Only this computer can reach Plein" in text
    assert "You are the only administrator" in text
    assert "Nobody manages these spaces" not in text
    assert "wiki" in text
    make_space("left", name="Left alone")
    assert "Nobody manages these spaces: 1" in admin.get("/admin").text


def test_an_administrator_gives_a_space_a_manager_again(admin, anna, make_space) -> None:
    make_space("left", name="Left alone")
    make_space("plans", name="Secret plans", access="hidden", members={anna: "editor"})
    page = admin.get("/admin/spaces")
    assert "Left alone" in page.text
    assert "Secret plans" not in page.text
    refused = press(page, "Make manager", login="nobody")
    assert "No colleague signs in with nobody" in refused.text
    page = press(refused, "Make manager", login="anna")
    assert "Anna de Wit is now the manager." in notices(page)
    page = press(page, "Make the first member manager")
    assert "The hidden space has a manager again." in notices(page)
    assert "Every space has a manager" in page.text


def test_settings_are_shown_without_what_is_secret(admin, settings_values) -> None:
    page = admin.get("/admin/settings")
    assert "plein.session_idle_hours" in page.text
    assert settings_values["plein.secret"] not in page.text


def test_plugins_are_listed_with_their_version_and_failures(admin, app) -> None:
    assert "plein-wiki 1.0.0" in admin.get("/admin/plugins").html.find("main").get_text()
    app.app.registry["plein.plugins"].part("wiki", "page_items", SimpleNamespace(), lambda: 1 / 0)
    assert "Failed 1 time since the start" in admin.get("/admin/plugins").text
    assert "Failures of the plugin wiki: 1" in admin.get("/admin").text


def test_administration_is_for_administrators(as_user, anna) -> None:
    for address in ("/admin", "/admin/plugins", "/admin/settings", "/admin/spaces"):
        as_user(anna).get(address, status=403)


# Budgets


@pytest.mark.parametrize(
    ("address", "budget"),
    [("/", 10), ("/spaces", 10), ("/spaces?show=mine&q=s", 10), ("/spaces/team", 10), ("/spaces/team/-/members", 10)],
)
def test_the_statements_of_a_page_do_not_grow_with_its_content(
    as_user, anna, make_user, make_space, count_statements: Callable[..., Any], address, budget
) -> None:
    space = make_space("team", members={anna: "manager"})
    browser = as_user(anna)
    browser.get(address)
    with count_statements() as few:
        browser.get(address)
    for _number in range(15):
        make_space(members={anna: "member"})
    members = {make_user(): "member" for _number in range(15)} | {make_user(): "asked" for _number in range(5)}
    make_space("other", members=members)
    _into(space, members, browser)
    with count_statements() as many:
        browser.get(address)
    assert many.total <= min(budget, few.total), str(many)


def _into(space: Any, members: dict[Any, str], browser: TestApp) -> None:
    """Add *members* to *space* too."""
    engine = browser.app.registry["plein.engine"]
    with db_unguarded(engine, reason="a test fills a space", writes=True) as db:
        db.add_all([Membership(space_id=space.id, user_id=user.id, role=role) for user, role in members.items()])
