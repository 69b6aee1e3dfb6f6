"""Whether pages are still true, walked through as people do: owners, checks, reports, and the lists of what to do."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from plein_wiki.models import WikiPage
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from plein.content.freshness.models import FreshnessMonth, OutdatedReport
from plein.content.freshness.rules import MONTHS, ON_EDIT, OWNER, add_months
from plein.content.models import Content, Transition
from plein.content.policies import decide
from plein.events import Event
from plein.people.models import SiteRole, User
from plein.people.standing import today
from plein.spaces.models import Membership

BASE = "/spaces/handbook/wiki"


@pytest.fixture
def people(make_user: Callable[..., User], make_space: Callable[..., Any]) -> dict[str, User]:
    found = {name: make_user(name) for name in ("manager", "editor", "member", "reader", "stranger")}
    found["guest"] = make_user("guest", kind="guest")
    make_space("handbook", members={found[name]: name for name in ("manager", "editor", "member", "reader")})
    return found


@pytest.fixture
def page(people: dict[str, User], as_user: Callable[[User], TestApp], db: Session) -> Callable[[], Content]:
    """A page that the member wrote; a function that reads it anew."""
    write(as_user(people["member"]), "Parking")

    def read() -> Content:
        db.rollback()
        found = db.scalars(select(Content).where(Content.slug == "parking")).one()
        db.refresh(found)
        db.commit()
        return found

    return read


def write(browser: TestApp, title: str, **fields: str) -> TestResponse:
    form = next(form for form in browser.get(f"{BASE}/-/new").forms.values() if "body" in form.fields)
    for name, value in {"title": title, "body": "Some text.", **fields}.items():
        form[name] = value
    return form.submit(expect_errors=True)


def post(browser: TestApp, address: str, status: int = 303, **fields: Any) -> TestResponse:
    found = re.search(r'name="csrf-token" content="([^"]+)"', browser.get("/accessibility").text)
    assert found is not None
    return browser.post(address, {"csrf_token": found[1], **fields}, status=status)


def undo(browser: TestApp, page: TestResponse) -> TestResponse:
    """Press the button of the notice."""
    form = next(form for form in page.forms.values() if "marks" in form.fields or "who" in form.fields)
    return form.submit()


def events(db: Session, kind: str) -> list[Event]:
    db.rollback()
    found = list(db.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))
    db.commit()
    return found


# -- owner -----------------------------------------------------------------------------------------------------------


def test_what_is_new_has_an_owner_and_a_day_by_the_rules_of_its_space(
    people: dict[str, User], as_user: Any, db: Session, page: Any
) -> None:
    first = page()
    assert (first.owner_id, first.owner_role) == (people["member"].id, None)
    assert first.review_on == add_months(today(), 12)
    decide(db, MONTHS, "wiki.page", first.space_id, 3)
    decide(db, OWNER, "wiki.page", first.space_id, "editor")
    db.commit()
    member, reader = as_user(people["member"]), as_user(people["reader"])
    write(member, "Bicycles")
    second = db.scalars(select(Content).where(Content.slug == "bicycles")).one()
    assert (second.owner_id, second.owner_role, second.review_on) == (None, "editor", add_months(today(), 3))
    db.commit()
    assert "The editors of the space" in reader.get(f"{BASE}/bicycles")


def test_an_owner_is_chosen_with_a_reason_told_and_taken_back(
    people: dict[str, User], as_user: Any, db: Session, page: Any
) -> None:
    browser = as_user(people["editor"])
    done = post(browser, f"{BASE}/parking/care", act="owner", who="manager", reason="Knows parking")
    assert page().owner_id == people["manager"].id
    row = db.scalars(select(Transition).where(Transition.action == "owner")).one()
    assert (row.reason, row.actor_id) == ("Knows parking", people["editor"].id)
    assert [one.addressed for one in events(db, "owner.given")] == [[people["manager"].id]]
    undo(browser, done.follow())
    assert page().owner_id == people["member"].id


def test_who_cannot_write_there_cannot_look_after_it(people: dict[str, User], as_user: Any, page: Any) -> None:
    browser = as_user(people["editor"])
    for who in ("reader", "stranger", "guest", "nobody-at-all", ""):
        answer = post(browser, f"{BASE}/parking/care", 422, act="owner", who=who)
        assert page().owner_id == people["member"].id
    assert "for example: Editor, Manager" in post(browser, f"{BASE}/parking/care", 422, act="owner", who="reader")
    assert answer.status_int == 422


def test_a_role_without_people_cannot_look_after_it(
    people: dict[str, User], as_user: Any, db: Session, page: Any
) -> None:
    db.delete(db.scalars(select(Membership).where(Membership.user_id == people["editor"].id)).one())
    db.commit()
    browser = as_user(people["manager"])
    refused = post(browser, f"{BASE}/parking/care", 422, act="owner", owner="role:editor")
    assert "Nobody in this space has that role" in refused
    post(browser, f"{BASE}/parking/care", act="owner", owner="role:manager")
    assert page().owner_role == "manager"


def test_owner_and_day_are_chosen_while_writing(people: dict[str, User], as_user: Any, db: Session) -> None:
    browser = as_user(people["member"])
    day = today() + timedelta(days=40)
    write(browser, "Trains", owner="role:manager", review_on=day.isoformat())
    item = db.scalars(select(Content).where(Content.slug == "trains")).one()
    assert (item.owner_id, item.owner_role, item.review_on) == (None, "manager", day)
    db.commit()
    for wrong in (today(), add_months(today(), 12) + timedelta(days=1)):
        answer = write(browser, "Trams", review_on=wrong.isoformat())
        assert answer.status_int == 422 and wrong.isoformat() in answer and "Some text." in answer


# -- checking ----------------------------------------------------------------------------------------------------------


def test_still_true_is_one_click_and_can_be_taken_back(
    people: dict[str, User], as_user: Any, db: Session, page: Any
) -> None:
    late = today() - timedelta(days=30)
    item = page()
    item.review_on, item.review_stage = late, 3
    version, updated = item.version, item.updated_at
    db.commit()
    reader, browser = as_user(people["reader"]), as_user(people["member"])
    assert "may not be true any more" in reader.get(f"{BASE}/parking")
    shown = browser.get(f"{BASE}/parking")
    form = next(form for form in shown.forms.values() if "act" in form.fields and form["act"].value == "reviewed")
    done = form.submit().follow()
    item = page()
    assert (item.review_on, item.review_stage) == (add_months(today(), 12), 0)
    assert (item.reviewed_by_id, item.version, item.updated_at) == (people["member"].id, version, updated)
    assert "may not be true" not in reader.get(f"{BASE}/parking")
    undo(browser, done)
    item = page()
    assert (item.review_on, item.review_stage, item.reviewed_at) == (late, 3, None)


def test_a_check_can_have_a_note_and_a_day_of_its_own(
    people: dict[str, User], as_user: Any, db: Session, page: Any
) -> None:
    browser, day = as_user(people["member"]), today() + timedelta(days=10)
    post(browser, f"{BASE}/parking/care", act="reviewed", note="Asked the desk", on=day.isoformat())
    assert page().review_on == day
    assert db.scalars(select(Transition.reason).where(Transition.action == "reviewed")).one() == "Asked the desk"
    db.commit()
    post(browser, f"{BASE}/parking/care", 422, act="reviewed", on=(today() - timedelta(days=1)).isoformat())
    post(browser, f"{BASE}/parking/care", 422, act="date", on="2999-01-01")
    post(browser, f"{BASE}/parking/care", 422, act="date", on="no day")
    assert page().review_on == day


def test_an_edit_counts_as_a_check_where_the_rule_says_so_and_a_small_one_never(
    people: dict[str, User], as_user: Any, db: Session, page: Any
) -> None:
    item = page()
    item.review_on = soon = today() + timedelta(days=3)
    decide(db, ON_EDIT, "wiki.page", None, True)
    db.commit()
    browser = as_user(people["member"])
    for minor, expected in (("1", soon), ("", add_months(today(), 12))):
        form = next(form for form in browser.get(f"{BASE}/parking/edit").forms.values() if "body" in form.fields)
        fields = dict(form.submit_fields())
        fields |= {"body": f"Changed {minor}", **({"minor": "1"} if minor else {})}
        fields.pop("preview", None)
        browser.post(f"{BASE}/parking/edit", fields, status=303)
        assert page().review_on == expected


def test_readers_have_no_button_and_guests_of_another_space_no_page(
    people: dict[str, User], as_user: Any, page: Any
) -> None:
    post(as_user(people["reader"]), f"{BASE}/parking/reviewed", 403)
    post(as_user(people["reader"]), f"{BASE}/parking/care", 403, act="owner", owner="role:manager")
    post(as_user(people["guest"]), f"{BASE}/parking/reviewed", 404)
    assert page().reviewed_at is None


# -- reports -----------------------------------------------------------------------------------------------------------


def test_a_report_goes_to_the_owner_and_its_answer_to_the_reader(
    people: dict[str, User], as_user: Any, db: Session, page: Any
) -> None:
    reader, owner = as_user(people["reader"]), as_user(people["member"])
    assert f"{BASE}/parking/outdated" in reader.get(f"{BASE}/parking")
    post(reader, f"{BASE}/parking/outdated", 422, reason="  ")
    post(reader, f"{BASE}/parking/outdated", reason="<b>The price</b> is wrong", place="Costs")
    post(reader, f"{BASE}/parking/outdated", reason="The price is 5 euro", place="Costs")
    assert page().open_reports == 1
    assert [one.addressed for one in events(db, "report.received")] == [[people["member"].id]]
    shown = owner.get(f"{BASE}/parking")
    assert "1 reader says that this page is out of date" in shown
    assert "says that this page" not in reader.get(f"{BASE}/parking")
    number = str(db.scalars(select(OutdatedReport.id)).one())
    db.commit()
    post(owner, f"{BASE}/parking/care", 422, act="answer", report=number, answer="right", text="")
    post(owner, f"{BASE}/parking/care", act="answer", report=number, answer="later", text="Next week")
    assert page().open_reports == 1
    assert "Next week" in reader.get(f"{BASE}/parking/outdated")
    post(owner, f"{BASE}/parking/care", act="answer", report=number, answer="fixed", text="Thanks")
    assert page().open_reports == 0
    again = post(owner, f"{BASE}/parking/care", act="answer", report=number, answer="fixed")
    assert "Somebody else answered this already" in again.follow()
    told = events(db, "report.answered")
    assert [one.addressed for one in told] == [[people["reader"].id]] * 2
    assert told[-1].details == {"answer": "Thanks", "state": "fixed"}
    assert "The price is 5 euro" in owner.get(f"{BASE}/parking/care?show=done")


def test_a_report_can_be_taken_back_and_nobody_reports_what_is_theirs(
    people: dict[str, User], as_user: Any, page: Any
) -> None:
    reader = as_user(people["reader"])
    post(reader, f"{BASE}/parking/outdated", reason="Wrong")
    post(reader, f"{BASE}/parking/outdated/-/withdraw")
    assert page().open_reports == 0
    refused = post(as_user(people["member"]), f"{BASE}/parking/outdated", 422, reason="Mine")
    assert "You look after this yourself" in refused
    assert page().open_reports == 0


def test_a_guest_who_reads_reports_and_one_who_does_not_sees_nothing(
    people: dict[str, User], as_user: Any, db: Session, page: Any
) -> None:
    guest = as_user(people["guest"])
    post(guest, f"{BASE}/parking/outdated", 404, reason="Let me in")
    db.add(Membership(space_id=page().space_id, user_id=people["guest"].id, role="reader"))
    db.commit()
    post(guest, f"{BASE}/parking/outdated", reason="The number of the desk changed")
    assert page().open_reports == 1


def test_reports_are_limited(settings_values: dict[str, str], people: dict[str, User], as_user: Any, page: Any) -> None:
    reader = as_user(people["reader"])
    limits = reader.app.registry["plein.limiter"].limits
    limits["report"] = type(limits["report"])(2, 3600)
    for number in range(2):
        post(reader, f"{BASE}/parking/outdated", reason=f"Wrong {number}")
    post(reader, f"{BASE}/parking/outdated", 429, reason="Wrong again")


def test_many_reports_come_in_pages_and_are_answered_at_once(
    people: dict[str, User], as_user: Any, db: Session, page: Any, count_statements: Any
) -> None:
    item = page()
    db.add_all(OutdatedReport(content_id=item.id, reason=f"Reason {number}") for number in range(1_000))
    item.open_reports = 1_000
    db.commit()
    owner = as_user(people["member"])
    owner.get(f"{BASE}/parking/care")
    with count_statements() as counted:
        shown = owner.get(f"{BASE}/parking/care")
    assert counted.total <= 12, str(counted)
    assert len(shown.html.select("input[name=report]")) == 30
    post(owner, f"{BASE}/parking/care", act="answer", all="1", answer="fixed")
    assert page().open_reports == 0
    assert events(db, "report.answered")[-1].addressed == []


# -- lists -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def officer(people: dict[str, User], make_user: Any, db: Session) -> User:
    user = make_user("officer")
    db.add(SiteRole(user_id=user.id, role="content_officer"))
    db.commit()
    return user


def make_stale(item: Content, db: Session) -> None:
    item.review_on, item.review_stage, item.popularity = today() - timedelta(days=20), 3, 123
    db.add(FreshnessMonth(space_id=item.space_id, month=today().replace(day=1), items=4, overdue=1))
    db.commit()


def test_a_space_lists_what_must_be_checked_and_its_editors_do_it_at_once(
    people: dict[str, User], as_user: Any, db: Session, page: Any
) -> None:
    make_stale(page(), db)
    write(as_user(people["member"]), "Bicycles")
    editor = as_user(people["editor"])
    shown = editor.get("/spaces/handbook/-/freshness")
    assert [one.text for one in shown.html.select(".check-list h3 a")] == ["Parking"]
    assert "at least 120" in shown and "123" not in shown.html.find(class_="check-list").text
    assert "75 %" in shown and shown.html.select(".freshness-chart rect")
    both = editor.get("/spaces/handbook/-/freshness?show=all")
    assert [one.text for one in both.html.select(".check-list h3 a")] == ["Parking", "Bicycles"]
    post(editor, "/spaces/handbook/-/freshness", 422, act="reviewed")
    number = str(page().id)
    done = post(editor, "/spaces/handbook/-/freshness", act="reviewed", item=number)
    assert page().review_stage == 0
    undo(editor, done.follow())
    assert page().review_stage == 3
    post(editor, "/spaces/handbook/-/freshness", 422, act="owner", item=number, who="reader")
    post(editor, "/spaces/handbook/-/freshness", act="owner", item=number, owner="role:editor")
    assert page().owner_role == "editor"
    as_user(people["reader"]).get("/spaces/handbook/-/freshness", status=403)


def test_a_content_officer_does_it_where_they_see_and_nowhere_else(
    people: dict[str, User], officer: User, as_user: Any, db: Session, page: Any, make_space: Any
) -> None:
    item = page()
    make_stale(item, db)
    cellar = make_space("cellar", access="hidden", members={people["manager"]: "manager"})
    hidden = WikiPage(
        type="wiki.page", space_id=cellar.id, title="Secret", sort_title="secret", slug="secret",
        review_on=today() - timedelta(days=50), review_stage=4,
    )  # fmt: skip
    db.add(hidden)
    db.commit()
    number, uid = hidden.id, hidden.uid
    db.commit()
    browser = as_user(officer)
    shown = browser.get("/admin/freshness")
    assert "Parking" in shown and "Secret" not in shown
    assert "Secret" not in browser.get("/admin/freshness.csv")
    browser.get(f"/admin/freshness/items/{uid}", status=404)
    post(browser, "/admin/freshness", 422, act="reviewed", item=str(number))
    post(browser, "/admin/freshness", act="reviewed", item=[str(number), str(item.id)])
    assert page().reviewed_by_id == officer.id
    db.refresh(hidden)
    assert hidden.reviewed_at is None
    db.commit()
    care = browser.get(f"/admin/freshness/items/{item.uid}")
    assert "Owner and checking" in care
    post(browser, f"/admin/freshness/items/{item.uid}", act="owner", who="editor")
    assert page().owner_id == people["editor"].id
    post(as_user(people["stranger"]), f"/admin/freshness/items/{item.uid}", 403, act="reviewed")
    post(as_user(people["stranger"]), "/me/review", act="reviewed", item=str(item.id))
    assert page().reviewed_by_id == officer.id


def test_a_file_for_a_spreadsheet_runs_no_formula_and_tells_no_exact_number(
    people: dict[str, User], as_user: Any, db: Session, page: Any
) -> None:
    item = page()
    make_stale(item, db)
    item.title = '=HYPERLINK("http://evil")'
    db.commit()
    answer = as_user(people["manager"]).get("/spaces/handbook/-/freshness.csv")
    assert "'=HYPERLINK" in answer and "at least 120" in answer and "123" not in answer
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_my_pages_to_check_and_start(people: dict[str, User], as_user: Any, db: Session, page: Any) -> None:
    member, editor = as_user(people["member"]), as_user(people["editor"])
    assert "Nothing to check now" in member.get("/me/review")
    item = page()
    make_stale(item, db)
    assert "Parking" in member.get("/me/review") and "My pages to check" in member.get("/").html.find("main").text
    assert "Parking" not in editor.get("/me/review")
    item.owner_id, item.owner_role = None, "editor"
    db.commit()
    assert "Parking" in editor.get("/me/review") and "Parking" not in member.get("/me/review")
    post(editor, "/me/review", act="reviewed", item=str(item.id))
    assert "Parking" not in editor.get("/me/review") and "Parking" in editor.get("/me/review?show=all")


def test_pages_cost_few_statements(
    people: dict[str, User], officer: User, as_user: Any, db: Session, page: Any, count_statements: Any
) -> None:
    make_stale(page(), db)
    addresses = ("/me/review", "/spaces/handbook/-/freshness", "/admin/freshness", f"{BASE}/parking")
    for who, address in zip(("member", "manager", None, "reader"), addresses, strict=True):
        browser = as_user(people[who] if who else officer)
        browser.get(address)
        with count_statements() as counted:
            browser.get(address)
        assert counted.total <= (8 if address.endswith("parking") else 10), f"{address}\n{counted}"
