"""The inbox: what it shows, what it costs, the number at the bell, and what people choose."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from square import Square
from webtest import TestApp

from plein.inbox.models import Notification, NotificationChoice, NotificationSchedule
from plein.people.models import SignInSession
from plein.spaces.models import Membership


@pytest.fixture
def square(
    db: Session,
    make_user: Callable[..., Any],
    make_space: Callable[..., Any],
    as_user: Callable[..., TestApp],
    run_jobs: Callable[[], int],
) -> Square:
    return Square(db, make_user, make_space, as_user, run_jobs)


def sentences(page: Any) -> list[str]:
    return [link.get_text() for link in page.html.select(".told a")]


def test_inbox_tells_who_did_what_and_why_and_leads_there(square: Square) -> None:
    assert square.browsers["ben"].get("/inbox").html.select_one(".empty")
    square.write("anna", "team", "Verlof <b>")
    page = square.browsers["ben"].get("/inbox")
    assert sentences(page) == ["Anna wrote Verlof <b>"]
    assert page.html.select_one(".told a")["href"] == "/spaces/team/wiki/verlof-b"
    assert "You belong to this space" in page.html.select_one(".told .hint").get_text()
    assert square.browsers["cor"].get("/inbox").html.select_one(".empty")


def test_reading_marks_and_unread_comes_back_and_all_can_be_undone(square: Square) -> None:
    for title in ("Een", "Twee"):
        square.write("anna", "team", title)
    first = square.rows("ben")[0].id
    square.post("ben", f"/inbox/{first}/read")
    page = square.browsers["ben"].get("/inbox")
    assert sentences(page) == ["Anna wrote Twee", "Anna wrote Een"]
    assert [section["class"][-1] for section in page.html.select("section.inbox")] == ["unread", "read"]
    square.post("ben", f"/inbox/{first}/read", unread="1")
    square.post("cor", f"/inbox/{first}/read")
    assert [row.read_at for row in square.rows("ben")] == [None, None]
    done = square.post("ben", "/inbox/read-all").follow()
    assert all(row.read_at for row in square.rows("ben"))
    undo = done.html.select_one(".notice form")
    square.post("ben", undo["action"], at=undo.select_one("input[name=at]")["value"])
    assert [row.read_at for row in square.rows("ben")] == [None, None]


def test_who_loses_the_space_finds_nothing_of_it_in_the_inbox_nor_at_the_bell(square: Square) -> None:
    square.write("anna", "team", "Geheim")
    assert square.browsers["ben"].get("/inbox/unread").json["count"] == 1
    square.db.delete(square.db.get(Membership, (square.space.id, square.people["ben"].id)))
    square.db.commit()
    assert "Geheim" not in square.browsers["ben"].get("/inbox").text
    assert square.browsers["ben"].get("/inbox/unread").json["count"] == 0


def test_bell_asks_one_statement_and_answers_empty_where_nothing_changed(
    square: Square, count_statements: Any, app: TestApp
) -> None:
    square.write("anna", "team", "Nieuws")
    browser = square.browsers["ben"]
    with count_statements() as counted:
        answer = browser.get("/inbox/unread")
    # One finds the session; the other counts.
    assert counted.total == 2, str(counted)
    assert answer.json == {"count": 1, "shown": "1", "every": 60}
    assert browser.get("/inbox/unread", headers={"If-None-Match": answer.headers["ETag"]}, status=304).body == b""
    refused = TestApp(app.app, extra_environ=app.extra_environ).get("/inbox/unread", status=401)
    assert len(refused.body) < 50


def test_bell_keeps_no_session_alive(square: Square) -> None:
    sessions = select(SignInSession).where(SignInSession.user_id == square.people["ben"].id)
    row = square.db.scalars(sessions).one()
    earlier = row.last_seen_at = row.last_seen_at.replace(microsecond=0) - timedelta(hours=1)
    square.db.commit()
    square.browsers["ben"].get("/inbox/unread")
    square.db.expire_all()
    assert square.db.scalars(sessions).one().last_seen_at == earlier
    square.db.commit()
    square.browsers["ben"].get("/inbox")
    square.db.expire_all()
    assert square.db.scalars(sessions).one().last_seen_at > earlier


def test_looking_at_an_item_reads_what_was_told_of_it(square: Square) -> None:
    item = square.write("anna", "team", "Nieuws")
    square.post("ben", "/inbox/seen", 204, item=str(item.id))
    square.post("ben", "/inbox/seen", 404, item="x")
    assert square.rows("ben")[0].read_at is not None


@pytest.mark.parametrize("number", [1, 40])
def test_pages_of_the_inbox_take_few_statements(square: Square, count_statements: Any, number: int) -> None:
    item = square.write("anna", "team", "Veel")
    ben = square.people["ben"].id
    square.db.add_all(
        Notification(
            user_id=ben, kind="content.published", content_id=item.id, reason="member", group_key=str(n), details={}
        )
        for n in range(number)
    )
    square.db.commit()
    for path in ("/inbox", "/inbox/catch-up", "/me/following", "/me/following?kind=item", "/me/notifications", "/"):
        square.browsers["ben"].get(path)
        with count_statements() as counted:
            square.browsers["ben"].get(path)
        assert counted.total <= 10, f"{path}: {counted}"
    page = square.browsers["ben"].get("/inbox")
    more = page.html.select_one(".pager a")
    assert bool(more) == (number > 30)
    if more:
        assert len(sentences(square.browsers["ben"].get(more["href"]))) == number + 1 - 30


def test_nonsense_in_an_address_of_the_inbox_begins_at_the_beginning(square: Square) -> None:
    square.write("anna", "team", "Nieuws")
    for after in ("x", "0_2026-01-01_1", "1_2026-01-01T00:00:00+00:00_999999999999999999999", "9_9_9"):
        assert sentences(square.browsers["ben"].get("/inbox", {"after": after, "show": "?"})) == ["Anna wrote Nieuws"]
    square.browsers["ben"].get("/inbox/catch-up?since=never", status=422)
    square.browsers["ben"].get("/inbox/catch-up?since=0001-01-01")


def test_catching_up_puts_what_is_meant_for_somebody_first(square: Square) -> None:
    square.write("anna", "team", "Gewoon")
    item = square.write("anna", "team", "Voor Ben")
    square.emit(
        "content.saved", content_id=item.id, actor_id=square.people["anna"].id, addressed=[square.people["ben"].id]
    )
    page = square.browsers["ben"].get("/inbox/catch-up")
    links = [link.get_text() for link in page.html.select("main .rows a")]
    assert links == ["Voor Ben", "Gewoon"]
    assert not square.browsers["cor"].get("/inbox/catch-up").html.select("main .rows a")


def test_what_somebody_chose_holds_and_an_administrator_decides_for_the_others(
    square: Square, make_user: Any, as_user: Any
) -> None:
    admin = as_user(make_user("root", is_admin=True))
    ben = square.browsers["ben"]
    form = next(form for form in ben.get("/me/notifications").forms.values() if "rhythm" in form.fields)
    form["channel-content.published"], form["rhythm"], form["quiet_from"] = "off", "weekly", "18:00"
    assert "Fill in both times" in form.submit(status=422).text
    form["quiet_until"] = "07:00"
    assert form.submit().status_int == 303
    assert square.db.scalars(select(NotificationChoice.channel)).all() == ["off"]
    assert square.db.scalars(select(NotificationSchedule.rhythm)).all() == ["weekly"]
    square.db.commit()
    square.write("anna", "team", "Stil")
    assert square.told("ben") == []
    form = next(form for form in admin.get("/admin/notifications").forms.values() if "space" in form.fields)
    form["space"] = "all"
    assert form.submit().status_int == 303
    square.change("anna", square.item("Stil"), "Meer.")
    assert square.told("ben") == [("content.saved", "member", 1)]
    assert "How people are told who did not choose" in admin.get("/admin/audit").text
    assert ben.get("/admin/notifications", status=403)
