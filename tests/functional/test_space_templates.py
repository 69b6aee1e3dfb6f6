"""Templates of spaces: those that Plein brings, those that administrators make, and what a space gets of one."""

from typing import Any

import pytest
from sqlalchemy import select

from plein.content.models import Content
from plein.people.models import Group
from plein.security.models import PermissionGrant
from plein.spaces.models import GroupMembership, Space, SpaceTemplate


@pytest.fixture
def anna(make_user) -> Any:
    return make_user("anna", name="Anna de Wit")


@pytest.fixture
def boss(make_user) -> Any:
    return make_user("boss", is_admin=True)


def form_with(page: Any, field: str) -> Any:
    return next(one for one in page.forms.values() if field in one.fields)


def press(page: Any, label: str) -> Any:
    return next(one for one in page.forms.values() if label in one.text).submit().follow()


def start(browser: Any, template: str, name: str, language: str = "nl") -> Any:
    form = form_with(browser.get(f"/spaces/-/new?template={template}"), "purpose")
    form["name"], form["language"] = name, language
    return form.submit().follow()


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("template", ["team", "project", "network"])
def test_a_space_starts_from_a_template_that_plein_brings(as_user, anna, db, template, language) -> None:
    home = start(as_user(anna), template, "Rozentuin", language)
    space = db.scalars(select(Space)).one()
    assert space.purpose and space.welcome and space.access == ("closed" if template == "project" else "open")
    assert home.html.find("section", attrs={"aria-labelledby": "welcome"}) is not None
    rows = db.execute(select(Content.title, Content.author_id, Content.language)).all()
    assert len(rows) >= 2 and {row.author_id for row in rows} == {anna.id}
    assert {row.language for row in rows} == {language}
    assert ("Onze afspraken" in {row.title for row in rows}) == (template == "team" and language == "nl")


def test_an_empty_space_stays_empty_and_an_unknown_template_is_none(as_user, anna, db) -> None:
    start(as_user(anna), "nothing", "Empty")
    assert db.scalars(select(Content.id)).all() == []


def test_a_space_becomes_a_template_that_is_offered_after_a_look(as_user, anna, boss, make_space, db) -> None:
    group = Group(uid="g", slug="ict", name="Team ICT", sort_name="team ict")
    db.add(group)
    db.flush()
    space = make_space("good", name="Good space", access="closed", welcome="Hello", members={boss: "manager"})
    db.add(GroupMembership(space_id=space.id, group_id=group.id, role="editor"))
    db.add(PermissionGrant(space_id=space.id, permission="wiki.page.create", role="reader", allowed=True))
    db.commit()
    browser = as_user(boss)
    page = form_with(browser.get("/spaces/good/wiki/-/new"), "body")
    page["title"], page["body"] = "First page", "With words in it"
    page.submit()
    edit = press(browser.get("/spaces/good/-/archive"), "Make a template")
    assert "First page" in edit and "With words in it" in edit
    assert "template=good-space" not in as_user(anna).get("/spaces/-/new")
    form = form_with(edit, "is_offered")
    form["name"], form["is_offered"] = "Good template", True
    form.submit().follow()
    start(as_user(anna), "good-space", "Mine")
    db.rollback()
    mine = db.scalars(select(Space).where(Space.name == "Mine")).one()
    assert (mine.access, mine.welcome) == ("closed", "Hello")
    assert db.scalar(select(GroupMembership.role).where(GroupMembership.space_id == mine.id)) == "editor"
    assert db.scalar(select(PermissionGrant.allowed).where(PermissionGrant.space_id == mine.id)) is True
    assert db.scalar(select(Content.body).where(Content.space_id == mine.id)) == "With words in it"


def test_a_changed_template_takes_the_place_of_the_shipped_one(as_user, anna, boss, db) -> None:
    browser = as_user(boss)
    form = form_with(browser.get("/admin/spaces/templates/team"), "is_offered")
    form["name"], form["purpose"] = "Our team", "As we do it here"
    form.submit().follow()
    page = as_user(anna).get("/spaces/-/new?template=team")
    assert "Our team" in page and "As we do it here" in page
    assert db.scalars(select(SpaceTemplate.key)).all() == ["team"]


def test_what_is_wrong_with_a_template_is_said_and_what_was_typed_stays(as_user, boss, db) -> None:
    form = form_with(as_user(boss).get("/admin/spaces/templates/team"), "is_offered")
    form["name"], form["purpose"] = "", "Kept words"
    refused = form.submit(status=422)
    assert "Give the template a name." in refused and "Kept words" in refused
    assert db.scalars(select(SpaceTemplate.key)).all() == []


def test_managers_who_do_not_make_templates_are_refused(as_user, anna, make_space) -> None:
    make_space("mine", members={anna: "manager"})
    browser = as_user(anna)
    page = browser.get("/spaces/mine/-/archive")
    assert "Make a template" not in page
    token = page.html.find("meta", attrs={"name": "csrf-token"})["content"]
    browser.post("/spaces/mine/-/template", {"csrf_token": token}, status=403)
    browser.get("/admin/spaces/templates", status=403)
