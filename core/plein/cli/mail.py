"""``plein mail``: whether mail leaves this machine."""

import smtplib
from uuid import uuid4

import click

from plein.cli.site import load
from plein.logs import configure_logging


@click.group()
def mail() -> None:
    """Try whether mail arrives."""
    configure_logging()


@mail.command()
@click.argument("address")
@click.pass_context
def test(ctx: click.Context, address: str) -> None:
    """Send a mail to ADDRESS at once, and say what the mail server answers."""
    from plein.db import utcnow
    from plein.jobs import JobRefused
    from plein.mail import AddressError, can_send
    from plein.mail.message import localizer
    from plein.mail.sending import deliver, message_of
    from plein.web.i18n import _

    site = load(ctx)
    settings = site.settings
    if not can_send(settings):
        raise click.ClickException("Mail is not set up: give plein.smtp_host and plein.mail_from.")
    locale = settings["plein.default_locale"]
    words = localizer(site.plugins, locale)
    where = f"{settings['plein.smtp_host']}:{settings['plein.smtp_port']} ({settings['plein.smtp_tls']})"
    try:
        message = message_of(
            site,
            to=address,
            subject=words.translate(_("Mail works")),
            template="plein:templates/mail/test.pt",
            values={},
            locale=locale,
            number=str(uuid4()),
            date=utcnow(),
        )
        deliver(settings, message)
    except AddressError as error:
        raise click.ClickException(f"{error}.") from error
    except JobRefused as error:
        raise click.ClickException(f"{where}: {error}.") from error
    except smtplib.SMTPAuthenticationError as error:
        raise click.ClickException(
            f"{where} refuses plein.smtp_user and plein.smtp_password: {error.smtp_code}."
        ) from error
    except OSError as error:
        raise click.ClickException(f"{where} cannot be used: {error}.") from error
    click.echo(f"{where} took the mail. See whether it arrives at {address}, and not among the unwanted.")
