"""``plein db``: compares the database with the code, and moves it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from plein.cli.site import load
from plein.db import migrate
from plein.db.revisions import write_revision

if TYPE_CHECKING:
    from plein.app import Site

#: Exit codes of ``plein db check``, so that a script can tell the two apart.
OLDER, NEWER = 1, 3


@click.group()
def db() -> None:
    """Upgrade, check or downgrade the database."""


@db.command()
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Bring the tables of the core and of every plugin to what this version needs.

    All or nothing: when one step fails, nothing was changed. Make a backup first.
    """
    site = load(ctx)
    _report(migrate.upgrade(site.engine, site.plugins), "Nothing to do: the database is up to date.")


@db.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Say whether the database fits the code.

    Exit code 0: it does. 1: it is older, run 'plein db upgrade'. 3: it is newer than the code.
    """
    states = _states(load(ctx))
    for state in states:
        click.echo(state.sentence, err=state.kind != "equal")
    kinds = {state.kind for state in states}
    ctx.exit(NEWER if "newer" in kinds else OLDER if "older" in kinds else 0)


@db.command()
@click.pass_context
def current(ctx: click.Context) -> None:
    """Show the revision that each package's tables are at, and the newest there is."""
    for state in _states(load(ctx)):
        click.echo(f"{state.name}\t{state.current or '-'}\t{state.head or '-'}\t{state.kind}")


@db.command()
@click.option("-p", "--package", "name", required=True, metavar="NAME", help="core, or the name of a plugin.")
@click.option("--to", default="-1", metavar="REV", help="A revision, or base for no tables at all. Default: one back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def downgrade(ctx: click.Context, name: str, to: str, yes: bool) -> None:
    """Take one package's tables back. What the later tables and columns held is lost."""
    site = load(ctx)
    migrate.history_of(name, site.plugins)
    if not yes:
        click.confirm(f"Take the tables of {name} back ({to}), with what is in them?", abort=True)
    _report(migrate.downgrade(site.engine, site.plugins, name=name, to=to), "Nothing to do.")


@db.command()
@click.option("-p", "--package", "name", required=True, metavar="NAME", help="core, or the name of a plugin.")
@click.option("-m", "--message", required=True, help="What the revision does, in a few words.")
@click.pass_context
def revision(ctx: click.Context, name: str, message: str) -> None:
    """Write a new revision for developers: the difference between the models and the database.

    Read what was written before using it, and write its downgrade test.
    """
    site = load(ctx)
    path = write_revision(site.engine, site.plugins, name=name, message=message)
    click.echo(f"Wrote {_short(path)}")


def _states(site: "Site") -> list[migrate.HistoryState]:
    return migrate.state(site.engine, site.plugins)


def _report(operations: migrate.Operations, otherwise: str) -> None:
    for name, direction, step in operations:
        click.echo(f"{name}: {direction} {step}")
    if not operations:
        click.echo(otherwise)


def _short(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
