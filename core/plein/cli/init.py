"""``plein init``: from an empty machine to a site that somebody can sign in to. Running it again harms nothing."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plein.cli.site import load, read_config
from plein.cli.user import sign_in_link
from plein.logs import configure_logging

if TYPE_CHECKING:
    from plein.app import Site


@click.command()
@click.option("--admin", "login", default="admin", show_default=True, metavar="LOGIN", help="The first administrator.")
@click.option("--demo/--no-demo", default=False, help="Also make a space with example pages.")
@click.option("--link/--no-link", default=True, show_default=True, help="Print a link to sign in with.")
@click.pass_context
def init(ctx: click.Context, login: str, demo: bool, link: bool) -> None:
    """Make what a new site needs, as far as it is not there yet, and print a link to sign in with.

    The secret that signs cookies, the folder for files, the tables, the first administrator, and with --demo a space
    to look around in. Tables that are there are never changed: 'plein db upgrade' does that.
    """
    configure_logging()
    _ensure_secret(read_config(ctx), os.environ)
    site = load(ctx)
    site.settings["plein.files_dir"].mkdir(mode=0o750, parents=True, exist_ok=True)
    _ensure_tables(site)
    _ensure_administrator(site, login)
    if demo:
        _ensure_functions(site)
        _ensure_demo(site, login)
    else:
        _tell_functions(site)
    if link:
        address = sign_in_link(site.engine, site.settings["plein.base_url"], login)
        click.echo(f"Sign in as {login}, once, within two days:\n  {address}")


def _ensure_secret(values: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """Write the secret's file where the settings name one and it is not there; readable by this account only."""
    name = environ.get("PLEIN_SECRET_FILE") or values.get("plein.secret_file")
    if not name or environ.get("PLEIN_SECRET"):
        return
    path = Path(values.get("here", ".")) / name
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
    click.echo(f"Wrote a new secret to {path}.")


def _ensure_tables(site: "Site") -> None:
    """Make the tables in a database that has none; refuse one that is older or newer than the code."""
    from plein.db import migrate

    if all(state.current is None for state in migrate.state(site.engine, site.plugins)):
        migrate.upgrade(site.engine, site.plugins)
        click.echo("Made the tables of the database.")
    migrate.require_current(site.engine, site.plugins)


def _ensure_administrator(site: "Site", login: str) -> None:
    from plein.audit import record
    from plein.db import open_session
    from plein.people.services import PeopleService

    with open_session(site.engine, writes=True) as db, db.begin():
        people = PeopleService(db)
        user = people.find(login)
        if user is not None and not user.is_admin:
            raise click.ClickException(f"{login} has an account already, and does not administer this site.")
        if user is None:
            try:
                made = people.create(login=login, name="Administrator", is_admin=True)
            except ValueError as error:
                raise click.ClickException(f"{error}.") from error
            record(db, "account.created", "user", made.id, kind="person", admin=True)
            click.echo(f"Made the administrator {login}.")


def _tell_functions(site: "Site") -> None:
    """Say which functions are installed that nobody has yet, and where that is decided."""
    from plein.db import open_session
    from plein.ladder.keeping import defaults
    from plein.rollout.board import undecided

    stages = defaults(site.plugins, site.settings["plein.new_plugins"])
    with open_session(site.engine) as db:
        names = [name for name in undecided(db, site.plugins) if stages[name] == "off"]
    if names:
        click.echo(
            f"Installed functions that nobody has yet: {', '.join(names)}. Decide who gets them at "
            f"{site.settings['plein.base_url']}/admin/functions, or with 'plein rollout set {names[0]} on'."
        )


def _ensure_functions(site: "Site") -> None:
    from plein.demo.functions import switch_on

    for name in switch_on(site):
        click.echo(f"Everybody has the function {name}.")


def _ensure_demo(site: "Site", login: str) -> None:
    from plein.demo import make_demo_space

    try:
        space = make_demo_space(site, login)
    except LookupError as error:
        raise click.ClickException(f"The demo space cannot be made: {error.args[0]}.") from error
    if space:
        click.echo(f"Made spaces with example pages; the first is {site.settings['plein.base_url']}/spaces/{space}")
