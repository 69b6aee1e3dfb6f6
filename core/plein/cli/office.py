"""``plein office``: who has a role in administration, from the command line."""

import json
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from plein.people.models import User

NAMES = ("admin", "people_manager", "moderator", "analyst", "content_officer")
_office = click.argument("name", metavar="OFFICE", type=click.Choice(NAMES))


@click.group()
def office() -> None:
    """Who has a role in administration."""
    configure_logging("error")


@office.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the offices and who holds them."""
    from plein.db import open_session
    from plein.people.offices import OfficeService

    with open_session(load(ctx).engine) as db:
        holders = OfficeService(db, None).holders()
    found = {name: [one.login for one in holders[name]] for name in NAMES}
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    for name, logins in found.items():
        click.echo(f"{name}: {', '.join(logins) or 'nobody'}")


@office.command()
@click.argument("login")
@_office
@click.pass_context
def give(ctx: click.Context, login: str, name: str) -> None:
    """Give LOGIN an office. They sign in again."""
    _change(ctx, login, name, "give")


@office.command()
@click.argument("login")
@_office
@click.pass_context
def take(ctx: click.Context, login: str, name: str) -> None:
    """Take an office from LOGIN. They sign in again."""
    _change(ctx, login, name, "take")


def _change(ctx: click.Context, login: str, name: str, do: str) -> None:
    from plein.db import open_session
    from plein.people.offices import OfficeError, OfficeService
    from plein.people.services import PeopleService

    with open_session(load(ctx).engine, writes=True) as db, db.begin():
        user: User | None = PeopleService(db).find(login)
        if user is None:
            raise click.ClickException(f"Nobody signs in as {login}.")
        service: Any = OfficeService(db, None)
        try:
            done = (service.give if do == "give" else service.take)(user, name)
        except OfficeError as error:
            raise click.ClickException(error.sentence.interpolate()) from error
    words = {"give": "now has", "take": "no longer has"} if done else {"give": "already has", "take": "does not have"}
    click.echo(f"{login} {words[do]} the office {name}.")
