"""The greeter as people meet it."""

from datetime import timedelta

import pytest

from plein.testing import contract_of

test_contract = contract_of("greeter")
BASE = "/spaces/bieb/links"


@pytest.fixture
def people(make_user, make_space):
    found = {name: make_user(name, name=name.title()) for name in ("mia", "noor", "olaf", "zoe")}
    make_space("bieb", name="Bieb", access="closed", members={found["mia"]: "manager", found["noor"]: "member"})
    return found


@pytest.fixture
def noor(people, as_user):
    return as_user(people["noor"])


def write(browser, title):
    form = browser.get(f"{BASE}/-/new").forms["item-form"]
    form["title"], form["address"] = title, "https://example.nl/"
    return form.submit(status=303).follow()


@pytest.fixture
def later(run_jobs, clock):
    """Six minutes later, when the work of those minutes is done."""

    def pass_by(**time):
        run_jobs()
        clock.move(timedelta(**time or {"minutes": 6}))
        run_jobs()

    return pass_by


def told(browser):
    return browser.get("/inbox").html.find("main").text.count("First contribution of Noor")


def test_managers_hear_of_a_first_contribution_once(noor, people, as_user, later):
    write(noor, "Een begin")
    mia = as_user(people["mia"])
    assert told(mia) == 0
    later()
    assert told(mia) == 1
    assert "Een begin" in mia.get("/inbox").html.find("main").text
    write(noor, "Nog een")
    later()
    assert told(mia) == 1


def test_nobody_else_hears_of_it(noor, people, as_user, later):
    write(noor, "Een begin")
    later()
    assert told(as_user(people["olaf"])) == told(noor) == 0


def test_what_is_taken_back_at_once_is_not_told(noor, people, as_user, later):
    page = write(noor, "Te vroeg")
    token = page.html.find("meta", {"name": "csrf-token"})["content"]
    as_user(people["mia"]).post(f"{page.request.path}/delete", {"csrf_token": token}, status="*")
    mia = as_user(people["mia"])
    form = next(form for form in mia.get(page.request.path).forms.values() if form.action.endswith("/delete"))
    form.submit(status=303)
    later()
    assert told(mia) == 0


def test_start_names_who_is_new_for_some_weeks_to_who_may_know(noor, people, as_user, later):
    write(noor, "Een begin")
    later()
    block = as_user(people["mia"]).get("/").html.find("main").parent.text
    assert "New here" in block and "Noor" in block
    assert "New here" not in as_user(people["zoe"]).get("/").text
    later(weeks=5)
    assert "New here" not in as_user(people["mia"]).get("/").text


@pytest.fixture
def never(settings_values):
    settings_values["greeter.weeks"] = "0"


def test_the_setting_keeps_names_from_start(never, people, as_user, later):
    write(as_user(people["noor"]), "Een begin")
    later()
    assert "New here" not in as_user(people["mia"]).get("/").text


def test_block_costs_the_same_for_one_and_for_many(people, make_user, make_space, as_user, later, count_statements):
    mia = as_user(people["mia"])

    def statements():
        mia.get("/")
        with count_statements() as counted:
            mia.get("/")
        return counted

    write(as_user(people["noor"]), "Een begin")
    later()
    one = statements()
    others = {make_user(f"new{number}"): "member" for number in range(4)}
    make_space("hal", members={people["mia"]: "manager", **others})
    for person in others:
        form = as_user(person).get("/spaces/hal/links/-/new").forms["item-form"]
        form["title"], form["address"] = "Eerste", "https://example.nl/"
        form.submit(status=303)
    later()
    many = statements()
    assert many.total == one.total, f"{one}\n\n{many}"
