"""Sends: a row in the outbox now, and a job that talks to the mail server then.

One that cannot be reached is tried for days. One whose certificate is not right is not talked to at all.
"""

import ipaddress
import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy.orm import Session

from plein.db import utcnow
from plein.jobs import JobContext, JobRefused, enqueue
from plein.jobs.context import SiteParts
from plein.mail.message import build, checked_address, list_headers, localizer, one_line, render, settled
from plein.settings import Settings, SettingsError

JOB = "mail.send"

#: Seconds that the mail server may take for each step.
PATIENCE_SECONDS = 20.0


def can_send(settings: Mapping[str, Any]) -> bool:
    """Whether a mail server is configured: pages offer nothing that needs mail where it is not."""
    return bool(settings["plein.smtp_host"] and settings["plein.mail_from"])


def send(
    db: Session,
    *,
    to: str,
    subject: str,
    template: str,
    values: Mapping[str, Any] | None = None,
    locale: str = "nl",
    key: str | None = None,
    until: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> int:
    """Have a mail sent, once, when *db* has committed.

    :param to: one address.
    :param subject: translated to *locale* now; so are values that are marked for translation.
    :param template: with :file:`templates/mail/layout.pt` around it: ``plein:templates/mail/test.pt``.
    :param values: what JSON can hold. Kept until it is sent, and no longer; addresses are complete ones.
    :param key: two that wait with the same key are one.
    :param until: when it makes no sense any more: the link in it has expired.
    :param headers: those of lists, ``List-Unsubscribe`` and the like; no others.
    :return: the number of the job.
    :raises AddressError: for what is no address.
    """
    words = localizer(None, locale)
    arguments = {
        "to": checked_address(to),
        "subject": one_line(str(words.translate(subject))),
        "template": template,
        "values": settled(values or {}, words),
        "locale": locale,
        "message": str(uuid4()),
        "until": until.isoformat() if until is not None else None,
        "headers": list_headers(headers or {}),
    }
    # Nobody's right is needed to be told something: it is sent in the name of the system.
    return enqueue(db, JOB, arguments, key=key, user_id=None)


def send_one(
    context: JobContext,
    *,
    to: str,
    subject: str,
    template: str,
    values: dict[str, Any],
    locale: str,
    message: str,
    until: str | None,
    headers: dict[str, str] | None = None,
) -> None:
    """The job ``mail.send``."""
    if until is not None and datetime.fromisoformat(until) < utcnow():
        raise JobRefused("it could not be sent before what it says was over")
    settings = context.site.settings
    if not can_send(settings):
        raise JobRefused("mail is not set up: plein.smtp_host and plein.mail_from")
    deliver(
        settings,
        message_of(
            context.site,
            to=to,
            subject=subject,
            template=template,
            values=values,
            locale=locale,
            number=message,
            date=utcnow(),
            headers=headers,
        ),
    )


def message_of(
    site: SiteParts,
    *,
    to: str,
    subject: str,
    template: str,
    values: Mapping[str, Any],
    locale: str,
    number: str,
    date: datetime,
    headers: Mapping[str, str] | None = None,
) -> EmailMessage:
    """The message that a template makes, in the name of the site."""
    settings = site.settings
    names = {
        "site_name": settings["plein.site_name"],
        "base_url": settings["plein.base_url"],
        "subject": subject,
        **values,
    }
    return build(
        sender=settings["plein.mail_from"],
        sender_name=settings["plein.site_name"],
        to=to,
        subject=subject,
        html=render(template, names, localizer(site.plugins, locale)),
        message_id=f"<{number}@{own_host(settings)}>",
        date=date,
        headers=headers or {},
    )


def deliver(settings: Mapping[str, Any], message: EmailMessage) -> None:
    """Hand *message* to the mail server.

    :raises JobRefused: where the server will not have it, today or tomorrow.
    :raises OSError: where it cannot be reached or trusted (smtplib's errors are of this kind).
    """
    try:
        with _connect(settings) as server:
            if settings["plein.smtp_user"]:
                server.login(settings["plein.smtp_user"], settings["plein.smtp_password"])
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        if code >= 500:
            raise JobRefused(f"the mail server refuses the address: {code} {_readable(answer)}") from error
        raise OSError(f"the mail server asks to try later: {code} {_readable(answer)}") from error
    except smtplib.SMTPNotSupportedError as error:
        raise OSError(f"the mail server cannot do what is asked: {error}") from error


def _readable(answer: bytes | str) -> str:
    return one_line(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)


def _connect(settings: Mapping[str, Any]) -> smtplib.SMTP:
    host, port, tls = settings["plein.smtp_host"], settings["plein.smtp_port"], settings["plein.smtp_tls"]
    own = own_host(settings)
    # Certificates are checked against those that the system trusts.
    context = ssl.create_default_context()
    if tls == "tls":
        return smtplib.SMTP_SSL(host, port, local_hostname=own, timeout=PATIENCE_SECONDS, context=context)
    server = smtplib.SMTP(host, port, local_hostname=own, timeout=PATIENCE_SECONDS)
    try:
        if tls == "starttls":
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def own_host(settings: Mapping[str, Any]) -> str:
    """What Plein calls itself to mail servers: never looked up, so that nothing depends on DNS."""
    host = urlsplit(settings["plein.base_url"]).hostname or "localhost"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return f"[{'IPv6:' if address.version == 6 else ''}{address}]"


def check_settings(settings: Settings) -> None:
    """What one setting of mail says about another.

    :raises SettingsError: where passwords or mail would travel unprotected, or half of it is set.
    """
    problems = []
    if (
        settings["plein.smtp_tls"] == "off"
        and settings["plein.smtp_host"]
        and not _is_here(settings["plein.smtp_host"])
    ):
        problems.append(
            "plein.smtp_tls is off, and that is for a mail server on this machine only; use starttls or tls."
        )
    if settings["plein.smtp_host"] and not settings["plein.mail_from"]:
        problems.append("plein.mail_from is not set; give the address that mail comes from.")
    if problems:
        raise SettingsError(problems)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
