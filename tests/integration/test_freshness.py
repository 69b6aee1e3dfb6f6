"""Reminding, following the rules, and handing over: jobs that may run twice, and at the same time."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from plein_wiki.models import WikiPage
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from plein.content.freshness.leaving import WAIT
from plein.content.freshness.models import FreshnessMonth, OutdatedReport
from plein.content.freshness.reports import ReportService
from plein.content.freshness.rules import GRACE, MONTHS, add_months, first_date
from plein.content.freshness.stages import MANAGERS, NOBODY, OFFICERS, OWNER_BEFORE, OWNER_NOW, due_stage
from plein.content.models import Content, Transition
from plein.content.policies import decide
from plein.db import utcnow
from plein.events import Event
from plein.jobs.context import JobContext, parts_of
from plein.people.models import SiteRole, User
from plein.people.standing import today, viewer_for
from plein.spaces.models import Space


@pytest.fixture
def run_job(app: Any) -> Callable[[str], None]:
    parts = parts_of(app.app.registry)
    return lambda name: parts.plugins.jobs[name].run(JobContext(parts, viewer_for, 1, None))


@pytest.fixture
def people(db: Session, make_user: Callable[..., User]) -> dict[str, User]:
    found = {name: make_user(name) for name in ("manager", "owner", "officer")}
    db.add(SiteRole(user_id=found["officer"].id, role="content_officer"))
    db.commit()
    return found


@pytest.fixture
def space(people: dict[str, User], make_space: Callable[..., Space]) -> Space:
    return make_space("handbook", members={people["manager"]: "manager", people["owner"]: "member"})


def add(db: Session, space: Space, slug: str, days: int | None = None, **values: Any) -> int:
    """An item that must be checked in so many days."""
    on = None if days is None else today() + timedelta(days=days)
    given = {"type": "wiki.page", "space_id": space.id, "title": slug, "sort_title": slug, "slug": slug}
    item = WikiPage(**given, **{"review_on": on, **values})
    db.add(item)
    db.commit()
    number = item.id
    db.commit()
    return number


def get(db: Session, number: int) -> Content:
    db.rollback()
    item = db.get_one(Content, number)
    db.refresh(item)
    db.expunge(item)
    db.commit()
    return item


def told(db: Session) -> list[tuple[str, int | None, list[int]]]:
    db.rollback()
    rows = db.execute(select(Event.kind, Event.content_id, Event.addressed).order_by(Event.id)).all()
    db.commit()
    return [(kind, content_id, addressed) for kind, content_id, addressed in rows]


def test_a_day_a_month_later_is_a_day_that_there_is() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert add_months(date(2026, 12, 1), 12) == date(2027, 12, 1)
    assert first_date(0, date(2020, 1, 1), date(2026, 1, 1), 12) == date(2026, 1, 29)
    assert first_date(5, date(2026, 1, 1), date(2026, 1, 1), 12) == date(2027, 1, 1)


def test_the_stage_follows_from_the_day() -> None:
    on = date(2026, 6, 15)
    steps = {15: NOBODY, 14: OWNER_BEFORE, 1: OWNER_BEFORE, 0: OWNER_NOW, -13: OWNER_NOW, -14: MANAGERS, -28: OFFICERS}
    assert {days: due_stage(on, 14, on - timedelta(days=days)) for days in steps} == steps
    assert due_stage(on, 0, on) == OWNER_NOW and due_stage(on, 0, on + timedelta(days=1)) == MANAGERS


def test_each_stage_tells_its_people_once(
    db: Session, space: Space, people: dict[str, User], run_job: Callable[[str], None]
) -> None:
    ids = {name: user.id for name, user in people.items()}
    owner = {"owner_id": ids["owner"]}
    numbers = [add(db, space, f"p{days}", days, **owner) for days in (30, 14, 0, -14, -28)]
    add(db, space, "draft", -60, state="draft", **owner)
    for _again in range(2):
        run_job("freshness.remind")
        assert told(db) == [
            ("review.due", numbers[1], [ids["owner"]]),
            ("review.due", numbers[2], [ids["owner"]]),
            ("review.escalated", numbers[3], [ids["manager"]]),
            ("review.escalated", numbers[4], [ids["officer"]]),
        ]
    assert [get(db, number).review_stage for number in numbers] == [0, 1, 2, 3, 4]
    month = db.scalars(select(FreshnessMonth)).one()
    assert (month.items, month.overdue, month.month.day) == (5, 2, 1)


def test_owners_who_cannot_do_it_are_passed_over(
    db: Session, space: Space, people: dict[str, User], make_user: Callable[..., User], run_job: Callable[[str], None]
) -> None:
    suspended, stranger = make_user("suspended", state="suspended"), make_user("stranger")
    for slug, values in {
        "suspended": {"owner_id": suspended.id},
        "stranger": {"owner_id": stranger.id},
        "role": {"owner_role": "manager"},
        "empty": {"owner_role": "editor"},
        "nobody": {},
    }.items():
        add(db, space, slug, 3, **values)
    run_job("freshness.remind")
    assert [addressed for _kind, _id, addressed in told(db)] == [[people["manager"].id]] * 5


def test_two_workers_tell_nobody_twice(
    db: Session, space: Space, people: dict[str, User], run_job: Callable[[str], None]
) -> None:
    for number in range(30):
        add(db, space, f"p{number}", -20, owner_id=people["owner"].id)
    problems: list[BaseException] = []

    def work() -> None:
        try:
            run_job("freshness.remind")
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not problems
    assert len(told(db)) == 30 and {kind for kind, _id, _to in told(db)} == {"review.escalated"}


def test_dates_follow_a_change_of_the_rule(db: Session, space: Space, run_job: Callable[[str], None]) -> None:
    long_ago = utcnow() - timedelta(days=2_000)
    without, far, near = add(db, space, "a", updated_at=long_ago), add(db, space, "b", 360), add(db, space, "c", 20)
    own = add(db, space, "d", 100)
    decide(db, MONTHS, "wiki.page", None, 6)
    decide(db, GRACE, "wiki.page", space.id, 3)
    db.commit()
    run_job("freshness.remind")
    day = today()
    assert day + timedelta(days=28) <= (get(db, without).review_on or day) <= day + timedelta(days=28 + 91)
    assert get(db, far).review_on == add_months(day, 6)
    assert get(db, near).review_on == day + timedelta(days=20)
    assert get(db, own).review_on == day + timedelta(days=100)
    decide(db, MONTHS, "wiki.page", None, 24)
    db.commit()
    run_job("freshness.remind")
    assert get(db, far).review_on == add_months(day, 6)
    decide(db, MONTHS, "wiki.page", space.id, 0)
    db.commit()
    run_job("freshness.remind")
    assert [get(db, one).review_on for one in (without, far, near, own)] == [None] * 4


def test_what_people_looked_after_who_left_goes_to_the_managers(
    db: Session, space: Space, people: dict[str, User], make_user: Callable[..., User], run_job: Callable[[str], None]
) -> None:
    gone = make_user("gone", state="left", left_at=utcnow() - WAIT - timedelta(days=1))
    fresh = make_user("fresh", state="left", left_at=utcnow())
    theirs = [add(db, space, f"p{number}", owner_id=gone.id) for number in range(3)]
    draft, new = add(db, space, "d", owner_id=gone.id, state="draft"), add(db, space, "n", owner_id=fresh.id)
    secret = add(db, space, "s", owner_id=gone.id, restricted=True)
    for _again in range(2):
        run_job("freshness.handover")
    assert {(get(db, one).owner_id, get(db, one).owner_role) for one in theirs} == {(None, "manager")}
    assert (get(db, draft).owner_id, get(db, secret).owner_id, get(db, new).owner_id) == (gone.id, gone.id, fresh.id)
    assert told(db) == [("owner.left", None, [people["manager"].id])]
    assert db.scalar(select(Event.details)) == {"name": "Gone", "number": 3}
    assert len(db.scalars(select(Transition).where(Transition.action == "owner")).all()) == 3


def test_a_report_that_two_people_answer_at_once_is_answered_once(
    engine: Engine, db: Session, space: Space, people: dict[str, User], session_of: Any, viewer_of: Any
) -> None:
    number = add(db, space, "subject", owner_id=people["owner"].id)
    db.add_all(OutdatedReport(content_id=number, reason=f"R{count}") for count in range(2))
    db.commit()
    reports = list(db.scalars(select(OutdatedReport.id).order_by(OutdatedReport.id)))
    db.commit()
    done: list[int] = []

    def answer(user: User, which: list[int]) -> None:
        with session_of(user) as session, session.begin():
            item = session.get_one(Content, number)
            done.append(ReportService(session, viewer_of(user), item).answer(which, "fixed", "Done"))

    work = [(people["manager"], reports[:1]), (people["owner"], reports), (people["manager"], reports[:1])]
    threads = [threading.Thread(target=answer, args=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(done) == 2 and get(db, number).open_reports == 0
