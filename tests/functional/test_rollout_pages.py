"""The pages of functions: the board, a step with what it changes, the pilot and its end, the history, and why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.app import build_app, build_site
from plein.db import open_session
from plein.ladder.changing import Decision, decide, decision
from plein.ladder.models import Rollout, RolloutAnswer, RolloutStep
from plein.people.models import Group, User
from plein.people.standing import today

WIKI = "/admin/functions/wiki"
END = (today() + timedelta(days=28)).isoformat()


@pytest.fixture
def people(make_user: Callable[..., User]) -> SimpleNamespace:
    return SimpleNamespace(admin=make_user("admin", is_admin=True), anna=make_user("anna"), bert=make_user("bert"))


@pytest.fixture
def group(make_group: Callable[..., Group], people: SimpleNamespace) -> Group:
    """A group of Bert's."""
    return make_group("pilot", "Front office", people.bert)


@pytest.fixture
def browser(as_user: Callable[..., TestApp], people: SimpleNamespace) -> TestApp:
    return as_user(people.admin)


@pytest.fixture
def stands(engine: Engine) -> Callable[[], Decision | None]:
    """``stands()``: what is decided about the wiki. Read apart, so that the test holds no lock."""

    def read() -> Decision | None:
        with open_session(engine) as session:
            return decision(session, "wiki")

    return read


def step_form(browser: TestApp, page: Any = None) -> Any:
    page = page or browser.get(f"{WIKI}/step")
    return next(form for form in page.forms.values() if "stage" in form.fields and "act" in form.fields)


def take(browser: TestApp, form: Any, status: int = 303) -> Any:
    """Take the step at once, as whoever saw what it changes does."""
    fields = [pair for pair in form.submit_fields() if pair[0] != "act"]
    return browser.post(form.action, [*fields, ("act", "take")], status=status)


def said(page: Any) -> str:
    return " ".join(page.html.find("main").get_text(" ", strip=True).split())


def fill(form: Any, **values: str) -> Any:
    for name, value in values.items():
        form[name] = value
    return form


def pilot(browser: TestApp, **values: str) -> Any:
    """A pilot of the wiki with one group, from the form to the page afterwards."""
    given = {"stage": "pilot", "groups": "group:pilot", "ends_on": END, "purpose": "One place to look", **values}
    preview = fill(step_form(browser), **given).submit("act", value="preview", status=200)
    confirm = next(form for form in preview.forms.values() if form.method == "post" and "seen" in form.fields)
    return confirm.submit("act", value="take", status=303).follow()


def test_board_shows_what_asks_for_a_decision_first(browser, db, group, people) -> None:
    decide(db, "links", Decision("on"))
    ended = Decision("pilot", group_ids=(group.id,), ends_on=today() - timedelta(days=3), owner_id=people.anna.id)
    decide(db, "wiki", ended)
    db.commit()
    page = browser.get("/admin/functions")
    text = said(page)
    assert "Front office" in text and "The pilot ended on" in text and "Anna" in text
    assert text.index("Wiki Pilot") < text.index("All others") < text.index("Links On")
    assert "Nobody decided about it yet" in text


def test_pilot_is_seen_first_and_then_taken_with_undo(browser, db, group, people, as_user, stands) -> None:
    preview = fill(step_form(browser), stage="pilot", groups="group:pilot", ends_on=END).submit("act", value="preview")
    assert "2 people lose it" in said(preview) and stands() is None
    page = pilot(browser, question="Does it help?", measure="items", target="10", reason="Asked for", owner="anna")
    assert "One place to look" in said(page) and "Front office" in said(page) and "Anna" in said(page)
    found = stands()
    assert found.group_ids == (group.id,) and found.owner_id == people.anna.id and found.target == 10
    assert as_user(people.bert).get("/spaces") and "Front office" in said(browser.get("/admin/functions"))
    undo = next(form for form in page.forms.values() if form.action.endswith("/undo"))
    undo.submit(status=303)
    assert stands() is None


def test_preview_goes_back_to_the_form_with_what_was_typed(browser, group) -> None:
    typed = fill(step_form(browser), stage="pilot", groups="group:pilot", ends_on=END, purpose="Because")
    preview = typed.submit("act", value="preview")
    confirm = next(form for form in preview.forms.values() if form.method == "post" and "seen" in form.fields)
    again = step_form(browser, confirm.submit("act", value="edit", status=200))
    assert (again["purpose"].value, again["groups"].value, again["stage"].value) == ("Because", "group:pilot", "pilot")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"stage": "pilot", "ends_on": END}, "groups"),
        ({"stage": "pilot", "groups": "group:pilot"}, "ends_on"),
        ({"stage": "pilot", "groups": "group:none", "ends_on": END}, "groups"),
        ({"stage": "pilot", "spaces": "nowhere", "ends_on": END}, "spaces"),
        ({"stage": "pilot", "groups": "group:pilot", "ends_on": "2020-01-01"}, "ends_on"),
        ({"stage": "pilot", "groups": "group:pilot", "ends_on": END, "owner": "nobody"}, "owner"),
        ({"stage": "on", "ends_on": "soon"}, "ends_on"),
        ({"stage": "on", "measure": "items"}, "target"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(browser, group, db, values, field, stands) -> None:
    page = take(browser, fill(step_form(browser), **values), 422)
    assert page.html.find(id=f"field-{field}-error") is not None
    assert stands() is None
    assert step_form(browser, page)["stage"].value == values["stage"]


def test_second_administrator_gets_back_what_they_typed(browser, group, db, stands) -> None:
    second = fill(step_form(browser), stage="on", purpose="My own words")
    pilot(browser)
    page = take(browser, second, 409)
    assert "Somebody else decided" in said(page) and step_form(browser, page)["purpose"].value == "My own words"
    assert stands().stage == "pilot"
    take(browser, step_form(browser, page))


def test_way_in_has_three_stages_and_the_last_one_stays(browser) -> None:
    form = step_form(browser, browser.get("/admin/functions/oidc/step"))
    assert {value for value, _checked, _label in form["stage"].options} == {"off", "on", "required"}
    page = take(browser, fill(form, stage="off"), 422)
    assert "No administrator could sign in" in said(page)


def test_planned_step_is_shown_and_called_off(browser, db, group) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    preview = fill(step_form(browser), stage="off", starts_on=tomorrow).submit("act", value="preview")
    assert "by itself" in said(preview)
    confirm = next(form for form in preview.forms.values() if form.method == "post" and "seen" in form.fields)
    page = confirm.submit("act", value="take", status=303).follow()
    assert "Planned: “Off” from" in said(page) and "Planned" in said(browser.get("/admin/functions"))
    next(form for form in page.forms.values() if form.action.endswith("/cancel")).submit(status=303)
    assert db.scalars(select(RolloutStep.state)).all() == ["cancelled"]


def test_history_tells_who_when_why_and_takes_back(browser, group, db, stands) -> None:
    pilot(browser, reason="The council asked")
    page = browser.get(f"{WIKI}/history")
    text = said(page)
    assert "The council asked" in text and "Admin" in text and "Nobody decided" in text and "Front office" in text
    pilot(browser, stage="on", groups="", reason="All of us")
    page = browser.get(f"{WIKI}/history")
    first = [form for form in page.forms.values() if form.action.endswith("/undo")][-1]
    told = first.submit(status=303).follow()
    assert "cannot be taken back any more" in told and "Stage" in said(told)
    assert stands().stage == "on"


def test_history_takes_four_statements_however_long_it_is(browser, group, db, count_statements) -> None:
    for number in range(30):
        decide(db, "wiki", Decision("on"))
        db.add(RolloutStep(plugin="wiki", before={}, after=Decision("on").as_json(), reason=f"Step {number}"))
    db.commit()
    browser.get(f"{WIKI}/history")
    with count_statements() as counted:
        page = browser.get(f"{WIKI}/history")
    assert counted.total <= 6, str(counted)
    assert "Step 29" in page and "Step 9" not in said(page)
    assert "Step 9" in page.click("Next")


def test_impact_counts_in_few_statements(browser, group, db, make_space, people, count_statements) -> None:
    make_space("handbook", access="open", members={people.anna: "manager", people.bert: "member"})
    decide(db, "wiki", Decision("on"))
    db.commit()
    form = fill(step_form(browser), stage="pilot", groups="group:pilot", spaces="handbook", ends_on=END)
    form.submit("act", value="preview", status=200)
    with count_statements() as counted:
        page = form.submit("act", value="preview", status=200)
    assert counted.total <= 30, str(counted)
    text = said(page)
    assert "People who have it 3 2" in text and "1 person loses it" in text


def test_board_takes_few_statements_however_many_there_are(browser, count_statements) -> None:
    browser.get("/admin/functions")
    with count_statements() as counted:
        browser.get("/admin/functions")
    assert counted.total <= 10, str(counted)


# -- the end of a pilot ----------------------------------------------------------------------------------------------


def end_form(page: Any) -> Any:
    return next(form for form in page.forms.values() if "verdict" in form.fields)


@pytest.mark.parametrize(
    ("verdict", "until", "stage"),
    [
        ("on", "", "on"),
        ("opt_in", "", "opt_in"),
        ("extend", END, "pilot"),
        ("off", "", "off"),
        ("retiring", END, "retiring"),
    ],
)
def test_pilot_ends_by_a_decision_with_a_reason(browser, group, db, verdict, until, stage, stands) -> None:
    decide(db, "wiki", Decision("pilot", group_ids=(group.id,), ends_on=today()))
    db.commit()
    form = end_form(browser.get(WIKI))
    assert "How does it go on" in said(browser.get(WIKI)) or "how does it go on" in said(browser.get(WIKI))
    assert (
        fill(form, verdict=verdict, until=until)
        .submit("act", value="take", status=422)
        .html.find(id="field-reason-error")
    )
    preview = fill(form, reason="We saw enough").submit("act", value="preview", status=200)
    confirm = next(one for one in preview.forms.values() if one.method == "post" and "verdict" in one.fields)
    confirm.submit("act", value="take", status=303)
    found = stands()
    assert found.stage == stage
    assert db.scalars(select(RolloutStep.reason)).one() == "We saw enough"
    if stage in ("pilot", "retiring"):
        assert found.ends_on == date.fromisoformat(END)


def test_going_on_needs_a_day(browser, group, db) -> None:
    decide(db, "wiki", Decision("pilot", group_ids=(group.id,), ends_on=today()))
    db.commit()
    form = fill(end_form(browser.get(WIKI)), verdict="extend", reason="More time")
    assert take(browser, form, 422).html.find(id="field-until-error")


def answers(db: Session, grades: list[int]) -> None:
    since = db.scalar(select(Rollout.since).where(Rollout.plugin == "wiki"))
    rows = [
        RolloutAnswer(plugin="wiki", grade=grade, text=f"Word {n}", asked_since=since) for n, grade in enumerate(grades)
    ]
    db.add_all(rows)
    db.commit()


def test_grades_are_shown_from_five_on_and_names_never(browser, group, db) -> None:
    pilot(browser, question="Does it help?", measure="grade", target="4")
    answers(db, [5, 5, 4, 4])
    text = said(browser.get(WIKI))
    assert (
        "Average" not in text.partition("What people say")[2]
        and "Word 3" in text
        and "Grades are shown from 5 on" in text
    )
    answers(db, [2])
    text = said(browser.get(WIKI))
    assert "People 0 1 0 2 2 4" in text and "Reached" in text


def test_page_measures_what_was_written_and_follows_nobody(browser, group, db, as_user, people, make_space) -> None:
    make_space("handbook", access="open", members={people.bert: "manager"})
    pilot(browser)
    writer = as_user(people.bert)
    form = next(f for f in writer.get("/spaces/handbook/wiki/-/new").forms.values() if "body" in f.fields)
    form["title"], form["body"] = "Fire", "What to do."
    form.submit(status=303)
    text = said(browser.get(WIKI))
    assert "Made since the start 1" in text and "Spaces that use it 1" in text
    assert "People who have it 1" in text and "Not measured of fewer than 5 people" in text
    assert "fewer than 10" in text and "Bert" not in text.partition("How it goes")[2]


def test_whoever_answers_for_it_reads_the_page_and_decides_nothing(browser, group, as_user, people) -> None:
    pilot(browser, owner="anna")
    page = as_user(people.anna).get(WIKI)
    assert "One place to look" in said(page) and not any("verdict" in form.fields for form in page.forms.values())
    assert as_user(people.anna).get(f"{WIKI}/step", status=403) and as_user(people.bert).get(WIKI, status=403)


# -- why -------------------------------------------------------------------------------------------------------------


def test_why_page_tells_the_chain(browser, group, people, make_space) -> None:
    make_space("handbook", access="open", members={people.anna: "manager"})
    pilot(browser)
    text = said(browser.get(f"{WIKI}/why?user=bert&space=handbook"))
    assert "Bert has Wiki here" in text and "takes part in the pilot: Front office" in text
    text = said(browser.get(f"{WIKI}/why?user=anna"))
    assert "Anna does not have Wiki here" in text and "in no group that takes part" in text
    for wrong in ("user=nobody", "user=anna&space=nowhere"):
        assert browser.get(f"{WIKI}/why?{wrong}", status=422)


def test_space_that_the_asker_does_not_know_is_as_if_it_were_not_there(browser, people, make_space) -> None:
    make_space("secret", access="hidden", members={people.anna: "manager"})
    page = browser.get(f"{WIKI}/why?user=anna&space=secret", status=422)
    assert "There is no space called secret" in page
    found = browser.get("/spaces/-/suggest?q=secret").json["found"]
    assert found == []


def test_spaces_that_cannot_be_seen_stay_in_a_pilot(browser, group, people, make_space, db, stands) -> None:
    hidden = make_space("secret", access="hidden", members={people.anna: "manager"})
    decide(db, "wiki", Decision("pilot", space_ids=(hidden.id,), ends_on=today() + timedelta(days=9)))
    db.commit()
    page = browser.get(f"{WIKI}/step")
    assert "1 space more takes part that you cannot see" in page and "Secret" not in said(page)
    take(browser, fill(step_form(browser), groups="group:pilot"))
    assert stands().space_ids == (hidden.id,)


def test_unknown_function_and_step_are_not_there(browser, db) -> None:
    for path in ("", "/step", "/history", "/why"):
        assert browser.get(f"/admin/functions/none{path}", status=404)
    token = browser.get(f"{WIKI}/step").html.find("input", {"name": "csrf_token"})["value"]
    for do in ("undo", "cancel"):
        assert browser.post(f"{WIKI}/steps/99/{do}", {"csrf_token": token}, status=404)


def test_step_holds_on_the_next_request_in_every_process(
    browser, engine, settings_values, as_user, people, make_space, db
) -> None:
    """Two applications on one database stand for two workers."""
    make_space("handbook", access="open", members={people.bert: "member"})
    decide(db, "wiki", Decision("off"))
    db.commit()
    site = build_site(settings_values)
    site.engine.dispose()
    other = TestApp(build_app(replace(site, engine=engine)), extra_environ=browser.extra_environ)
    for name, value in as_user(people.bert).cookies.items():
        other.set_cookie(name, value.strip('"'))
    assert other.get("/spaces/handbook/wiki", status=404)
    pilot(browser, stage="on", groups="", ends_on="")
    assert other.get("/spaces/handbook/wiki", status=200)
