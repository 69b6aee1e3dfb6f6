"""Mail, to a real mail server: sent once, kept while that is away, and never to one that cannot be trusted."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from mail_server import MailServer
from sqlalchemy import select, update
from structlog.testing import capture_logs

from plein.app import build_site
from plein.db import utcnow
from plein.jobs.executor import Executor
from plein.jobs.models import QueuedJob
from plein.mail import AddressError, can_send, register_jobs, send
from plein.people.standing import viewer_for
from plein.settings import SettingsError
from plein.web.i18n import _

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture(autouse=True)
def logs() -> Iterator[list]:
    with capture_logs() as captured:
        yield captured


@pytest.fixture
def server(tmp_path, monkeypatch) -> Iterator[MailServer]:
    server = MailServer(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(server.trusted))
    yield server
    server.stop()


def settings_for(server: MailServer, **more: Any) -> dict[str, Any]:
    return {
        "plein.smtp_host": "localhost",
        "plein.smtp_port": server.port,
        "plein.smtp_user": "",
        "plein.smtp_password": "",
        "plein.smtp_tls": server.tls,
        "plein.mail_from": "plein@example.nl",
        "plein.site_name": 'Gemeente, Ons "Dorp"',
        "plein.base_url": "https://plein.example.nl",
        **{f"plein.{name}": value for name, value in more.items()},
    }


@pytest.fixture
def deliver_all(engine, db) -> Callable[..., list[tuple[str, str]]]:
    """Run all mail that waits, whenever it is due; gives state and error of each."""

    def deliver(settings: dict[str, Any]) -> list[tuple[str, str]]:
        db.execute(update(QueuedJob).where(QueuedJob.state == "waiting").values(run_at=utcnow()))
        db.commit()
        jobs = {job.name: job for job in register_jobs()}
        plugins: Any = SimpleNamespace(plugins=[], jobs=jobs, is_off=lambda name: False)
        site: Any = SimpleNamespace(engine=engine, settings=settings, plugins=plugins, blobs=None)
        Executor(site, viewer_for).run_due()
        found = [tuple(row) for row in db.execute(select(QueuedJob.state, QueuedJob.error).order_by(QueuedJob.id))]
        db.rollback()
        return found

    return deliver


def write(db, **more: Any) -> None:
    send(
        db, **{"to": "anna@example.nl", "subject": _("Mail works"), "template": "plein:templates/mail/test.pt", **more}
    )
    db.commit()


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_arrives_as_text_and_html_over_a_checked_connection(db, server, deliver_all, tls):
    server.tls = tls
    server.start()
    write(db, locale="nl")
    assert deliver_all(settings_for(server)) == [("done", "")]
    (message,) = server.received
    assert message["To"] == "anna@example.nl"
    assert message["From"] == '"Gemeente, Ons \\"Dorp\\"" <plein@example.nl>'
    assert message["Subject"] == "Mail werkt"
    assert message["Message-ID"].endswith("@plein.example.nl>")
    text, html = message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()
    assert text.startswith("Mail werkt\r\n" if "\r\n" in text else "Mail werkt\n")
    assert "https://plein.example.nl" in text
    assert '<html lang="nl"' in html
    assert "style" not in html


def test_signing_in_at_the_mail_server(db, server, deliver_all):
    server.password = "een lang geheim"
    server.start()
    write(db)
    (wrong,) = deliver_all(settings_for(server, smtp_user="plein", smtp_password="iets anders"))
    assert wrong[0] == "waiting"
    assert "535" in wrong[1]
    assert deliver_all(settings_for(server, smtp_user="plein", smtp_password="een lang geheim")) == [("done", "")]
    assert len(server.received) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_server_with_a_certificate_that_nobody_vouches_for_is_not_talked_to(db, server, deliver_all, monkeypatch, tls):
    server.tls = tls
    server.start()
    monkeypatch.delenv("SSL_CERT_FILE")
    write(db)
    (outcome,) = deliver_all(settings_for(server))
    assert outcome[0] == "waiting"
    assert "certificate" in outcome[1].lower()
    assert server.received == []


def test_server_with_the_certificate_of_another_host_is_not_talked_to(db, server, deliver_all):
    server.host = "mail.example.nl"
    server.start()
    write(db)
    (outcome,) = deliver_all(settings_for(server))
    assert outcome[0] == "waiting"
    assert "certificate" in outcome[1].lower()
    assert server.received == []


def test_server_that_does_not_offer_encryption_gets_nothing(db, server, deliver_all):
    """Somebody in between can take the offer away."""
    server.offers_tls = False
    server.start()
    write(db)
    (outcome,) = deliver_all(settings_for(server))
    assert outcome[0] == "waiting"
    assert "STARTTLS" in outcome[1]
    assert server.received == []


def test_mail_is_kept_while_the_server_is_away_and_sent_once(db, server, deliver_all):
    server.start()
    server.stop()
    write(db)
    assert deliver_all(settings_for(server))[0][0] == "waiting"
    server.start()
    assert deliver_all(settings_for(server)) == [("done", "")]
    assert deliver_all(settings_for(server)) == [("done", "")]
    assert len(server.received) == 1


def test_server_that_asks_to_try_later_is_tried_later(db, server, deliver_all):
    server.start()
    server.answers.append("451 Come back later")
    write(db)
    (outcome,) = deliver_all(settings_for(server))
    assert outcome[0] == "waiting"
    assert "later" in outcome[1]
    deliver_all(settings_for(server))
    assert len(server.received) == 1


def test_address_that_the_server_refuses_is_given_up_at_once(db, server, deliver_all):
    server.start()
    server.answers.append("550 No such mailbox")
    write(db)
    assert deliver_all(settings_for(server)) == [("failed", "the mail server refuses the address: 550 No such mailbox")]


def test_attempts_of_one_mail_bear_the_same_number(db, server, deliver_all):
    server.start()
    write(db)
    deliver_all(settings_for(server))
    db.execute(update(QueuedJob).values(state="waiting"))
    assert len(server.received) == 1
    assert server.received[0]["Message-ID"].count("@") == 1


@pytest.mark.parametrize(
    "to",
    [
        "anna@example.nl\r\nBcc: all@example.nl",
        "anna@example.nl\nBcc: all@example.nl",
        "anna@example.nl, all@example.nl",
        "Anna <anna@example.nl>",
        "anna@example.nl\x00",
        "anna@@example.nl",
        '"a b"@example.nl',
        ".anna@example.nl",
        "anna",
        "",
        "anna@example.nl ",
    ],
)
def test_what_is_not_one_address_is_refused_where_it_is_written(db, to):
    with pytest.raises(AddressError):
        send(db, to=to, subject="x", template="plein:templates/mail/test.pt")


@pytest.mark.parametrize(
    "subject", ["Hi\r\nBcc: all@example.nl", "Hi\nBcc: all@example.nl", "Hi\u2028Bcc: all@example.nl"]
)
def test_line_breaks_in_a_subject_make_no_header(db, server, deliver_all, subject):
    server.start()
    write(db, subject=subject)
    assert deliver_all(settings_for(server)) == [("done", "")]
    (message,) = server.received
    assert message["Bcc"] is None
    assert message["Subject"] == "Hi Bcc: all@example.nl"


def test_lines_of_a_text_are_no_commands(db, server, deliver_all):
    server.start()
    write(
        db,
        subject="x",
        template="plein:templates/mail/test.pt",
        values={"site_name": "a\r\n.\r\nMAIL FROM:<b@c.nl>\r\n<b>"},
    )
    assert deliver_all(settings_for(server)) == [("done", "")]
    assert len(server.received) == 1
    assert "<b>" not in server.received[0].get_body(("html",)).get_content()


def test_mail_that_came_too_late_is_not_sent(db, server, deliver_all):
    server.start()
    write(db, until=utcnow() - timedelta(seconds=1))
    ((state, error),) = deliver_all(settings_for(server))
    assert state == "failed"
    assert "over" in error
    assert server.received == []


def test_mail_without_a_mail_server_says_what_to_set(db, server, deliver_all):
    settings = settings_for(server, smtp_host="")
    assert not can_send(settings)
    write(db)
    ((state, error),) = deliver_all(settings)
    assert state == "failed"
    assert "plein.smtp_host" in error


def test_mail_without_encryption_is_for_this_machine_only(settings_values):
    settings_values |= {"plein.smtp_tls": "off", "plein.mail_from": "plein@example.nl"}
    assert build_site(settings_values | {"plein.smtp_host": "127.0.0.1"})
    with pytest.raises(SettingsError, match="smtp_tls is off"):
        build_site(settings_values | {"plein.smtp_host": "mail.example.nl"})


def test_mail_server_without_a_sender_is_refused_at_start(settings_values):
    with pytest.raises(SettingsError, match="mail_from is not set"):
        build_site(settings_values | {"plein.smtp_host": "mail.example.nl"})
