"""Mail of the inbox: once, only what is unread and may be seen, to whom it may be sent, and stopped with one click."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from mail_server import MailServer
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from square import Square
from webtest import TestApp

from plein.contributions import NotificationType
from plein.db import utcnow
from plein.inbox import unsubscribing
from plein.inbox.models import Notification, NotificationChoice, NotificationDefault, NotificationSchedule
from plein.inbox.unsubscribing import ALL, make_token, read_token
from plein.jobs import enqueue
from plein.jobs.models import QueuedJob
from plein.people.models import User
from plein.spaces.models import Membership
from plein.testing import HOST, SECRET

TOLD = NotificationType(
    "tests.told", "Something for the test", "${actor} says ${what} about ${title}", why="It is a test", default="mail"
)


@pytest.fixture
def server(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, settings_values: dict[str, str]) -> Iterator[MailServer]:
    server = MailServer(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(server.trusted))
    server.start()
    settings_values |= {
        "plein.smtp_host": "localhost",
        "plein.smtp_port": str(server.port),
        "plein.mail_from": "plein@example.nl",
    }
    yield server
    server.stop()


@pytest.fixture
def square(
    server: MailServer,
    db: Session,
    make_user: Callable[..., Any],
    make_space: Callable[..., Any],
    as_user: Callable[..., TestApp],
    run_jobs: Callable[[], int],
) -> Square:
    square = Square(db, make_user, make_space, as_user, run_jobs)
    square.browsers["anna"].app.registry["plein.plugins"].notifications[TOLD.name] = TOLD
    db.add(NotificationDefault(name="content.published", value="digest"))
    db.commit()
    return square


def tell(square: Square, item: Any, **more: Any) -> None:
    ben = square.people["ben"].id
    values = {
        "actor_id": square.people["anna"].id,
        "content_id": item.id,
        "addressed": [ben],
        "details": {"what": "hello"},
    }
    square.emit(TOLD.name, **{**values, **more})


def send_due(square: Square, *, later: timedelta = timedelta(days=8)) -> None:
    """All mail that is due before *later*."""
    square.db.execute(
        update(Notification).where(Notification.mail_at <= utcnow() + later).values(mail_at=utcnow()),
        execution_options={"synchronize_session": False},
    )
    enqueue(square.db, "inbox.due", {}, user_id=None)
    square.db.execute(update(QueuedJob).where(QueuedJob.state == "waiting").values(run_at=utcnow()))
    square.db.commit()
    square.run_jobs()
    square.run_jobs()


def texts(message: EmailMessage) -> tuple[str, str]:
    parts = [message.get_body((kind,)) for kind in ("plain", "html")]
    assert all(parts)
    return parts[0].get_content(), parts[1].get_content()  # type: ignore[union-attr]


def test_what_is_meant_for_somebody_is_mailed_at_once_with_why_and_ways_out(square: Square, server: MailServer) -> None:
    item = square.write("anna", "plein", "Beleid")
    tell(square, item)
    send_due(square, later=timedelta(minutes=1))
    (message,) = server.received
    assert message["To"] == "ben@example.nl"
    assert message["Subject"] == "Anna says hello about Beleid"
    text, html = texts(message)
    for part in (text, html):
        assert "Anna says hello about Beleid" in part
        assert "It is a test" in part
        assert f"http://{HOST}/spaces/plein/wiki/beleid" in part
        assert f"http://{HOST}/me/notifications" in part
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].startswith(f"<http://{HOST}/unsubscribe/")


def test_an_overview_names_each_item_once_and_nothing_is_mailed_twice(square: Square, server: MailServer) -> None:
    item = square.write("anna", "team", "Geheim")
    other = square.write("anna", "team", "Ander")
    tell(square, item)
    square.follow("ben", "item", item.id)
    for number in range(3):
        square.change("anna", item, f"Versie {number}.")
    send_due(square)
    (message,) = server.received
    text, html = texts(message)
    assert html.count(f"/wiki/{item.slug}") == html.count(f"/wiki/{other.slug}") == 1
    assert "3 changes in Geheim" in text
    # A title of what is not for everybody does not stand in a subject.
    assert message["Subject"] == "4 messages for you"
    square.change("anna", item, "Nog een.")
    send_due(square)
    assert len(server.received) == 1
    square.post("ben", "/inbox/read-all")
    square.change("anna", item, "En weer een.")
    send_due(square)
    assert len(server.received) == 2


def test_what_was_read_or_lost_or_silenced_meanwhile_is_not_mailed(square: Square, server: MailServer) -> None:
    read, lost = square.write("anna", "plein", "Gelezen"), square.write("anna", "team", "Kwijt")
    for item in (read, lost):
        tell(square, item)
    square.post("ben", "/inbox/seen", 204, item=str(read.id))
    square.db.execute(delete(Membership).where(Membership.user_id == square.people["ben"].id))
    square.db.commit()
    send_due(square)
    assert server.received == []
    tell(square, read)
    square.db.add(NotificationChoice(user_id=square.people["ben"].id, kind=TOLD.name, channel="inbox"))
    square.db.commit()
    send_due(square)
    assert server.received == []


@pytest.mark.parametrize(
    "values",
    [
        {"state": "suspended"},
        {"state": "left"},
        {"state": "frozen"},
        {"email": ""},
        {"ends_on": utcnow().date() - timedelta(2)},
    ],
)
def test_nobody_is_written_to_whose_account_does_not_work_or_who_has_no_address(
    square: Square, server: MailServer, values: dict[str, Any]
) -> None:
    tell(square, square.write("anna", "plein", "Beleid"))
    square.db.execute(update(User).where(User.login == "ben").values(**values))
    square.db.commit()
    send_due(square)
    assert server.received == []
    assert not square.db.scalars(select(QueuedJob).where(QueuedJob.state == "failed")).all()
    square.db.commit()


def test_mail_is_kept_while_the_server_is_away_and_sent_once_later(square: Square, server: MailServer) -> None:
    tell(square, square.write("anna", "plein", "Beleid"))
    server.stop()
    send_due(square)
    send_due(square)
    assert server.received == []
    server.start()
    send_due(square)
    send_due(square)
    assert [message["To"] for message in server.received] == ["ben@example.nl"]


def test_titles_stay_out_of_mail_where_an_administrator_says_so(
    settings_values: dict[str, str], server: MailServer, request: pytest.FixtureRequest
) -> None:
    settings_values["plein.mail_titles"] = "false"
    square: Square = request.getfixturevalue("square")
    tell(square, square.write("anna", "team", "Reorganisatie"))
    send_due(square)
    (message,) = server.received
    text, html = texts(message)
    assert "Reorganisatie" not in f"{message['Subject']}{text}"
    assert "Team" not in text
    assert "says hello about Page" in html


def test_a_guest_is_mailed_in_their_own_language(square: Square, server: MailServer) -> None:
    ben = square.people["ben"].id
    square.db.execute(update(User).where(User.id == ben).values(kind="guest", locale="nl"))
    square.db.commit()
    square.write("anna", "team", "Welkom")
    send_due(square)
    (message,) = server.received
    assert "Hallo Ben" in texts(message)[0]


def test_one_click_stops_one_kind_of_mail_or_all_without_signing_in(
    square: Square, server: MailServer, app: TestApp
) -> None:
    item = square.write("anna", "plein", "Beleid")
    tell(square, item)
    send_due(square, later=timedelta(minutes=1))
    address = server.received[0]["List-Unsubscribe"].strip("<>").removeprefix(f"http://{HOST}")
    stranger = TestApp(app.app, extra_environ={"HTTP_HOST": HOST})
    assert "Something for the test" in stranger.get(address).text
    assert square.db.scalars(select(NotificationChoice)).all() == []
    square.db.commit()
    for _twice in range(2):
        stranger.post(address, {"List-Unsubscribe": "One-Click"})
    chosen = select(NotificationChoice.user_id, NotificationChoice.kind, NotificationChoice.channel)
    assert [tuple(row) for row in square.db.execute(chosen)] == [(square.people["ben"].id, TOLD.name, "inbox")]
    square.db.commit()
    tell(square, item)
    send_due(square)
    assert len(server.received) == 1
    stranger.post(f"/unsubscribe/{make_token(SECRET, square.people['cor'].id, ALL)}")
    rows = square.db.execute(select(NotificationSchedule.user_id, NotificationSchedule.no_mail)).all()
    assert [tuple(row) for row in rows] == [(square.people["cor"].id, True)]


def test_a_word_that_is_forged_or_old_stops_nothing(
    square: Square, app: TestApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = make_token(SECRET, square.people["ben"].id, ALL)
    body, _dot, seal = good.partition(".")
    others = make_token(SECRET, square.people["cor"].id, ALL).partition(".")[0]
    stranger = TestApp(app.app, extra_environ={"HTTP_HOST": HOST})
    for wrong in (f"{others}.{seal}", f"{body}.{'A' * 43}", f"{body}.", "x" * 40, make_token("another", 1, ALL)):
        stranger.post(f"/unsubscribe/{wrong}", status=404)
    monkeypatch.setattr(unsubscribing, "LASTS", timedelta(days=-1))
    assert read_token(SECRET, make_token(SECRET, square.people["ben"].id, ALL)) is None
    assert square.db.scalars(select(NotificationSchedule)).all() == []
