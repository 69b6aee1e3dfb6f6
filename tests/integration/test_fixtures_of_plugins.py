"""What ``plein.testing`` gives to tests of plugins does what the guide says of it."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy.orm import Session
from webtest import TestApp

from plein.db import utcnow
from plein.db.types import CLOCK
from plein.mail.sending import send
from plein.testing import Clock


def test_mail_that_was_sent_is_in_the_mailbox(
    mailbox: list[EmailMessage], app: TestApp, db: Session, jobs: Callable[[], int]
) -> None:
    send(db, to="ann@example.nl", subject="A try", template="plein:templates/mail/test.pt", locale="en")
    db.commit()
    assert mailbox == []
    jobs()
    assert [(one["To"], one["Subject"]) for one in mailbox] == [("ann@example.nl", "A try")]


def test_a_space_has_a_person_of_each_role(space: Any, as_user: Callable[..., TestApp]) -> None:
    assert as_user(space.member).get(f"{space.url}/links/-/new").status_int == 200
    as_user(space.reader).get(f"{space.url}/links/-/new", status=403)


def test_the_clock_moves_for_the_application(clock: Clock) -> None:
    before = utcnow()
    clock.move(timedelta(weeks=5))
    assert timedelta(weeks=5) <= utcnow() - before < timedelta(weeks=5, minutes=10)


def test_the_clock_stands_right_again_for_the_next_test() -> None:
    assert CLOCK.ahead == timedelta()
