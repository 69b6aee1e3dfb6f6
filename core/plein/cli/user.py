"""``plein user``: accounts from the command line, for the first day and for who has lost every way in."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from plein.people.models import User


@click.group()
def user() -> None:
    """People's accounts and sign-in links."""
    configure_logging()


@user.command()
@click.argument("login")
@click.option("--name", default="", help="As colleagues know them. Default: the login.")
@click.option("--email", default="")
@click.option("--admin", is_flag=True, help="May administer the site.")
@click.option("--guest", is_flag=True, help="Somebody from outside: sees only spaces that they are a member of.")
@click.option("--sponsor", default="", help="For a guest: the login of the colleague who answers for them.")
@click.pass_context
def add(ctx: click.Context, login: str, name: str, email: str, admin: bool, guest: bool, sponsor: str) -> None:
    """Make an account, and print a link to sign in with."""
    from plein.audit import record
    from plein.db import open_session
    from plein.people.services import LoginTakenError, PeopleService

    site = load(ctx)
    with open_session(site.engine, writes=True) as db, db.begin():
        try:
            made = PeopleService(db).create(
                login=login, name=name or login, email=email, kind="guest" if guest else "person", is_admin=admin
            )
            record(db, "account.created", "user", made.id, kind=made.kind, admin=admin)
            if guest:
                stay_as_guest(db, site.settings, made, sponsor)
        except LoginTakenError as error:
            raise click.ClickException(f"Somebody signs in as {login} already.") from error
        except ValueError as error:
            raise click.ClickException(f"{error}.") from error
    click.echo(sign_in_link(site.engine, site.settings["plein.base_url"], login))


@user.command()
@click.argument("login")
@click.option("--hours", default=48, show_default=True, type=click.IntRange(1, 24 * 14), help="How long it works.")
@click.pass_context
def link(ctx: click.Context, login: str, hours: int) -> None:
    """Print a link that signs LOGIN in, once. Earlier links of theirs stop working."""
    site = load(ctx)
    click.echo(sign_in_link(site.engine, site.settings["plein.base_url"], login, timedelta(hours=hours)))


@user.command("reset-factors")
@click.argument("login")
@click.pass_context
def reset_factors(ctx: click.Context, login: str) -> None:
    """Take away the app, passkeys and recovery codes of LOGIN, who has lost them, and sign them out everywhere."""
    from plein.db import open_session
    from plein.people.second_factor.service import FactorService
    from plein.people.second_factor.telling import tell
    from plein.people.services import PeopleService

    site = load(ctx)
    with open_session(site.engine, writes=True) as db, db.begin():
        person = PeopleService(db).find(login)
        if person is None:
            raise click.ClickException(f"Nobody signs in as {login}.")
        FactorService(db, site.settings["plein.secret"], person.id).reset()
        tell(db, site.settings, person, "reset")
    click.echo(f"{login} can sign in without a second step, and set up a new one.")


def sign_in_link(engine: "Engine", base_url: str, login: str, valid_for: timedelta = timedelta(days=2)) -> str:
    """The address of a page that signs *login* in, once. Earlier links of theirs stop working.

    :raises click.ClickException: for somebody who has no account, or may not sign in.
    """
    from plein.audit import record
    from plein.db import open_session
    from plein.people.links import create_link
    from plein.people.services import PeopleService

    with open_session(engine, writes=True) as db, db.begin():
        person = PeopleService(db).find(login)
        if person is None:
            raise click.ClickException(f"Nobody signs in as {login}; 'plein user add {login}' makes the account.")
        if person.state != "active":
            raise click.ClickException(f"The account {login} is suspended; an administrator can restore it.")
        token = create_link(db, person, valid_for)
        record(db, "account.link_made", "user", person.id)
    return f"{base_url}/sign-in/link/{token}"


def stay_as_guest(db: "Session", settings: "Mapping[str, Any]", person: "User", sponsor: str) -> None:
    """Give a new guest the last day that the site allows.

    :raises ValueError: where no colleague answers for them.
    """
    from plein.people.lifecycle import set_stay
    from plein.people.standing import today
    from plein.security.viewer import Viewer

    day, most = today(settings["plein.time_zone"]), settings["plein.guest_longest_days"]
    until = day + timedelta(days=most)
    set_stay(db, Viewer(kind="person"), person, ends_on=until, sponsor=sponsor, day=day, most=most)
