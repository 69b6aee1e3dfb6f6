"""Rules for what people write: decided for the site, and otherwise for a space, where that is allowed."""

import pytest
from webtest import TestApp

from plein.content.policies import Policy, decide, policies
from plein.content.views.policies import field_of, read
from plein.db import open_session

MONTHS = Policy("test.months", "Months", "number", 12, minimum=0, maximum=60)
ASKED = Policy("test.asked", "Asked", "yes", False)
SITE_ONLY = Policy("test.only", "Only", "choice", "a", choices=(("a", "A"), ("b", "B")), in_spaces=False)


@pytest.fixture
def declared(app: TestApp) -> None:
    """The application knows three policies more."""
    known = app.app.registry.setdefault("plein.policies", {})
    for one in (MONTHS, ASKED, SITE_ONLY):
        known[one.name] = one


def fill(form, **values: str):
    for name, value in values.items():
        form[f"test-{name}"] = value
    return form


def the_form(page):
    return next(form for form in page.forms.values() if "test-months" in form.fields)


def now(engine, space_id: int | None):
    with open_session(engine) as db:
        return policies(db, "wiki.page", space_id)


def test_site_decides_a_space_decides_otherwise_and_undo_puts_it_back(
    declared, as_user, make_user, make_space, engine
) -> None:
    admin, manager = make_user("admin", is_admin=True), make_user("man")
    space = make_space("huis", members={manager: "manager"})
    fill(the_form(as_user(admin).get("/admin/rules?type=wiki.page")), months="6", asked="1", only="b").submit()
    assert (now(engine, space.id)[MONTHS], now(engine, None)[ASKED], now(engine, None)[SITE_ONLY]) == (6, True, "b")
    page = as_user(manager).get("/spaces/huis/-/rules?type=wiki.page")
    assert "test-only" not in the_form(page).fields
    saved = fill(the_form(page), months="3").submit().follow()
    assert (now(engine, space.id)[MONTHS], now(engine, None)[MONTHS], now(engine, space.id)[ASKED]) == (3, 6, True)
    undo = next(
        form for form in saved.forms.values() if form.action.endswith("/-/rules") and form["test-months"].value == ""
    )
    undo.submit()
    assert now(engine, space.id)[MONTHS] == 6


def test_what_is_wrong_comes_back_with_a_sentence(declared, as_user, make_user) -> None:
    form = the_form(as_user(make_user("admin", is_admin=True)).get("/admin/rules?type=wiki.page"))
    page = fill(form, months="61").submit(status=422)
    assert "from 0 to 60" in page
    assert the_form(page)["test-months"].value == "61"


@pytest.mark.parametrize(
    ("policy", "text", "value"),
    [(MONTHS, "", None), (MONTHS, "12", 12), (ASKED, "0", False), (SITE_ONLY, "b", "b")],
)
def test_what_is_typed_is_read(policy, text, value) -> None:
    errors: dict = {}
    assert read(policy, text, errors) == value
    assert errors == {}


@pytest.mark.parametrize(("policy", "text"), [(MONTHS, "-1"), (MONTHS, "x"), (ASKED, "yes"), (SITE_ONLY, "c")])
def test_what_cannot_be_is_refused(policy, text) -> None:
    errors: dict = {}
    assert read(policy, text, errors) is None
    assert list(errors) == [policy.name]
    assert field_of(policy).startswith("test-")


def test_only_the_last_decision_of_a_site_holds(db) -> None:
    for value in (1, 2, 3):
        decide(db, MONTHS, "wiki.page", None, value)
    assert policies(db, "wiki.page", None)[MONTHS] == 3
    decide(db, MONTHS, "wiki.page", None, None)
    assert policies(db, "wiki.page", None)[MONTHS] == 12
