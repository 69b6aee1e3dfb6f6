"""Trying a function: the question on Start, reminders that it ends, and what can still be read of what is retired."""

import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from webtest import TestApp

from plein.db import open_session, utcnow
from plein.inbox.models import Notification
from plein.jobs.context import JobContext, parts_of
from plein.ladder.changing import Decision, decide
from plein.ladder.models import Rollout, RolloutAnswer
from plein.people.models import Group, User
from plein.people.standing import today, viewer_for
from plein.rollout.due import addressed, remind, reminder

QUESTION = "Does the wiki help you?"


@pytest.fixture
def people(make_user: Callable[..., User]) -> SimpleNamespace:
    return SimpleNamespace(admin=make_user("admin", is_admin=True), anna=make_user("anna"), bert=make_user("bert"))


@pytest.fixture
def group(make_group: Callable[..., Group], people: SimpleNamespace) -> Group:
    """A group of Bert's."""
    return make_group("pilot", "Front office", people.bert)


@pytest.fixture
def try_it(db: Session, group: Group) -> Callable[..., None]:
    """``try_it(days=8)``: the wiki is in a pilot with Bert's group, since so many days."""

    def begin(days: int = 8, **values: Any) -> None:
        given = {"group_ids": (group.id,), "ends_on": today() + timedelta(days=20), "question": QUESTION, **values}
        decide(db, "wiki", Decision("pilot", **given))
        db.execute(update(Rollout).values(since=utcnow() - timedelta(days=days)))
        db.commit()

    return begin


def answers(engine: Engine) -> list[tuple[Any, ...]]:
    with open_session(engine) as session:
        rows = session.execute(select(RolloutAnswer.user_id, RolloutAnswer.grade, RolloutAnswer.text))
        return [tuple(row) for row in rows]


def form_of(page: Any) -> Any:
    return next(form for form in page.forms.values() if form.action.endswith("/answer"))


def test_question_comes_after_some_days_to_whoever_tries_it(try_it, as_user, people) -> None:
    bert = as_user(people.bert)
    try_it(days=6)
    assert QUESTION not in bert.get("/")
    try_it(days=8)
    assert QUESTION in bert.get("/") and "You try Wiki" in bert.get("/")
    assert QUESTION not in as_user(people.anna).get("/") and QUESTION not in as_user(people.admin).get("/")


def test_answer_is_given_once_and_can_be_changed(try_it, as_user, people, engine) -> None:
    bert = as_user(people.bert)
    try_it()
    form = form_of(bert.get("/"))
    form["grade"], form["text"] = "4", "I find things"
    page = form.submit("act", value="answer", status=303).follow()
    assert QUESTION not in page and "Thank you" in page
    again = form_of(bert.get("/functions/wiki/answer"))
    again["grade"] = "2"
    again.submit("act", value="answer", status=303)
    assert answers(engine) == [(people.bert.id, 2, "")]


def test_answer_without_a_grade_is_asked_for_with_the_words_kept(try_it, as_user, people, engine) -> None:
    try_it()
    form = form_of(as_user(people.bert).get("/"))
    form["text"] = "Only words"
    page = form.submit("act", value="answer", status=422)
    assert "Choose a grade" in page and form_of(page)["text"].value == "Only words"
    assert answers(engine) == []


def test_later_asks_again_and_no_thanks_does_not(try_it, as_user, people, engine, db) -> None:
    bert = as_user(people.bert)
    try_it()
    form_of(bert.get("/")).submit("act", value="later", status=303)
    assert QUESTION not in bert.get("/")
    db.execute(update(RolloutAnswer).values(again_at=utcnow() - timedelta(minutes=1)))
    db.commit()
    form_of(bert.get("/")).submit("act", value="no", status=303)
    assert QUESTION not in bert.get("/") and answers(engine) == [(people.bert.id, None, "")]


def test_next_time_it_is_tried_it_is_asked_anew(try_it, as_user, people, db) -> None:
    bert = as_user(people.bert)
    try_it()
    form_of(bert.get("/")).submit("act", value="no", status=303)
    decide(db, "wiki", Decision("on"))
    try_it(days=9)
    assert QUESTION in bert.get("/")


def test_nobody_answers_who_does_not_try_it(try_it, as_user, people, db) -> None:
    try_it()
    assert as_user(people.anna).get("/functions/wiki/answer", status=404)
    decide(db, "wiki", Decision("on", question=QUESTION))
    db.commit()
    assert as_user(people.bert).get("/functions/wiki/answer", status=404)


def test_start_costs_nothing_where_nothing_is_tried(as_user, people, count_statements, try_it, db) -> None:
    anna = as_user(people.anna)

    def statements() -> int:
        anna.get("/")
        with count_statements() as counted:
            anna.get("/")
        return counted.total

    decide(db, "wiki", Decision("on"))
    db.commit()
    usual = statements()
    decide(db, "wiki", Decision("on", question=QUESTION))
    db.commit()
    assert statements() == usual
    try_it()
    assert statements() <= usual


# -- reminders -------------------------------------------------------------------------------------------------------

DAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("stage", "days", "told"),
    [
        ("pilot", 8, None),
        ("pilot", 7, ("rollout.ends", "before")),
        ("pilot", 3, ("rollout.ends", "before")),
        ("pilot", 0, ("rollout.over", "week 0")),
        ("pilot", -6, ("rollout.over", "week 0")),
        ("pilot", -7, ("rollout.over", "week 1")),
        ("pilot", -15, ("rollout.over", "week 2")),
        ("retiring", 3, None),
        ("retiring", 0, ("rollout.retired", "week 0")),
    ],
)
def test_reminders_come_before_on_and_weekly_after_the_end(stage, days, told) -> None:
    found = reminder(stage, DAY + timedelta(days=days), DAY)
    assert (found and (found[0].name, found[1])) == told
    assert reminder(stage, None, DAY) is None


def test_reminder_goes_to_who_answers_and_to_who_decides_where_that_is_another() -> None:
    assert addressed(None, {1, 2}) == {1, 2}
    assert addressed(1, {1, 2}) == {1}
    assert addressed(3, {1, 2}) == {1, 2, 3}


def test_end_is_told_once_and_changes_nothing(try_it, app, run_jobs, people, db, as_user) -> None:
    try_it(ends_on=today(), owner_id=people.anna.id)
    context = JobContext(parts_of(app.app.registry), viewer_for, 1, None)
    remind(context)
    remind(context)
    run_jobs()
    told = db.scalars(select(Notification.user_id).where(Notification.kind == "rollout.over")).all()
    assert sorted(told) == sorted([people.anna.id, people.admin.id])
    assert db.get(Rollout, "wiki").stage == "pilot"
    db.rollback()
    page = as_user(people.anna).get("/inbox")
    assert "The pilot of Wiki is over" in page and "/admin/functions/wiki" in page


# -- retiring --------------------------------------------------------------------------------------------------------


@pytest.fixture
def retired(db: Session, as_user: Callable[..., TestApp], people: SimpleNamespace, make_space: Any) -> TestApp:
    """Anna's browser, after the wiki with a page of hers began to be retired."""
    make_space("handbook", access="open", members={people.anna: "manager", people.bert: "member"})
    anna = as_user(people.anna)
    form = next(f for f in anna.get("/spaces/handbook/wiki/-/new").forms.values() if "body" in f.fields)
    form["title"], form["body"] = "Fire", "Run *slowly*."
    form.submit(status=303)
    decide(db, "wiki", Decision("retiring", reach="on", ends_on=date(2090, 12, 31)))
    db.commit()
    return anna


def test_pages_say_until_when_they_can_be_read(retired) -> None:
    page = retired.get("/spaces/handbook/wiki/fire")
    assert "being retired" in page and "31 December 2090" in page
    assert "Run *slowly*." in page.click("Save this page as text")
    assert "31 December 2090" in retired.get("/spaces/handbook/wiki")


def test_managers_take_all_texts_along(retired, as_user, people, db) -> None:
    answer = retired.get("/spaces/handbook/wiki").click("Save all pages here as text")
    with zipfile.ZipFile(BytesIO(answer.body)) as archive:
        assert archive.namelist() == ["wiki.page/fire.md"]
        text = archive.read("wiki.page/fire.md").decode()
    assert 'title: "Fire"' in text and text.endswith("Run *slowly*.\n")
    bert = as_user(people.bert)
    assert "Save all pages" not in bert.get("/spaces/handbook/wiki")
    assert bert.get("/spaces/handbook/-/functions/wiki.zip", status=403)
    decide(db, "wiki", Decision("on"))
    db.commit()
    assert retired.get("/spaces/handbook/-/functions/wiki.zip", status=404)


def test_banner_is_on_no_page_of_what_stays(retired, db) -> None:
    decide(db, "wiki", Decision("on"))
    db.commit()
    assert "being retired" not in retired.get("/spaces/handbook/wiki/fire")
    assert "being retired" not in retired.get("/spaces/handbook/wiki")
