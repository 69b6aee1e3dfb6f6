"""``plein user list | suspend | restore | leave | handover | reindex``: states of accounts, from the command line."""

from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.cli.user import user

if TYPE_CHECKING:
    from collections.abc import Callable

_ONLY = ("guests", "invited", "active", "suspended", "left")


@user.command("list")
@click.option("--only", type=click.Choice(_ONLY), default=None, help="Only these.")
@click.pass_context
def list_accounts(ctx: click.Context, only: str | None) -> None:
    """Print all accounts: login, name, kind, state and last day, with tabs in between."""
    from plein.db import open_session
    from plein.people.services import PeopleService

    site = load(ctx)
    with open_session(site.engine) as db:
        after: str | None = ""
        while after is not None:
            page = PeopleService(db).page(after=after, only=only or "")
            for row in page.rows:
                click.echo("\t".join((row.login, row.name, row.kind, row.state, str(row.ends_on or ""))))
            after = page.next


@user.command()
@click.argument("login")
@click.option("--reason", default="", help="Kept with the account.")
@click.pass_context
def suspend(ctx: click.Context, login: str, reason: str) -> None:
    """Let nobody sign in as LOGIN for now, and sign them out everywhere."""
    from plein.people.lifecycle import suspend as stop

    _change(ctx, login, lambda db, person: stop(db, person, reason))
    click.echo(f"{login} is suspended.")


@user.command()
@click.argument("login")
@click.option("--reason", default="", help="Kept with the account.")
@click.pass_context
def leave(ctx: click.Context, login: str, reason: str) -> None:
    """Close the account LOGIN of somebody who left; 'plein user handover' then hands over what they own."""
    from plein.people.lifecycle import leave as stop

    _change(ctx, login, lambda db, person: stop(db, person, reason))
    click.echo(f"{login} has left.")


@user.command()
@click.argument("login")
@click.pass_context
def restore(ctx: click.Context, login: str) -> None:
    """Let LOGIN sign in again."""
    from plein.people.lifecycle import restore as start

    _change(ctx, login, start)
    click.echo(f"{login} can sign in again.")


@user.command()
@click.argument("login")
@click.option("--yes", is_flag=True, help="Do it; otherwise only print what would happen.")
@click.pass_context
def handover(ctx: click.Context, login: str, yes: bool) -> None:
    """Hand over what LOGIN owns, space by space, to whom changed most there in the last year, or else its manager."""
    from sqlalchemy import select

    from plein.admin.handover import Handover
    from plein.db import db_unguarded
    from plein.people.services import PeopleService
    from plein.spaces.models import Space

    site = load(ctx)
    with db_unguarded(site.engine, reason="the command line hands over what somebody owns") as db:
        person = PeopleService(db).find(login)
        # Whoever runs commands on the server reads the database anyway.
        known = set(db.scalars(select(Space.id)))
    if person is None:
        raise click.ClickException(f"Nobody signs in as {login}.")
    work = Handover(site.engine, None, person.id, known, "command line")
    for estate in work.estates():
        click.echo(f"{estate.name}: {estate.items} to {estate.login or 'nobody: give the space a manager first'}")
    if yes:
        click.echo(f"Handed over: {work.give()}.")
    else:
        click.echo("Nothing was changed; add --yes to do this.")


@user.command()
@click.pass_context
def reindex(ctx: click.Context) -> None:
    """Make anew what people are found and filtered by; for rows that were changed outside of Plein."""
    from plein.db import open_session
    from plein.people.words import index_everybody

    site = load(ctx)
    with open_session(site.engine, writes=True) as db, db.begin():
        count = index_everybody(db)
    click.echo(f"People indexed: {count}.")


def _change(ctx: click.Context, login: str, change: "Callable[[Any, Any], None]") -> None:
    """Change one account in a transaction.

    :raises click.ClickException: where there is no such account, or it is the last administrator's.
    """
    from plein.db import open_session
    from plein.people.lifecycle import LastAdministratorError
    from plein.people.services import PeopleService

    site = load(ctx)
    with open_session(site.engine, writes=True) as db, db.begin():
        person = PeopleService(db).find(login)
        if person is None:
            raise click.ClickException(f"Nobody signs in as {login}.")
        try:
            change(db, person)
        except LastAdministratorError as error:
            raise click.ClickException(f"{login} is the last administrator.") from error
