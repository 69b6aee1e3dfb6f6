"""``plein settings``: what administrators decide in the site, as a file and back."""

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from plein.app import Site as WholeSite
    from plein.ascode import Change, Site

_json = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def settings() -> None:
    """What administrators decided, as a file: settings of pages, permissions, rules, and who has which plugin."""
    configure_logging("error")


@settings.command()
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
@_json
@click.pass_context
def export(ctx: click.Context, file: Any, as_json: bool) -> None:
    """Write what was decided to FILE, as YAML. Secrets are not in it."""
    from plein import ascode

    whole = load(ctx)
    with _session(whole, writes=False) as db:
        found = ascode.export(db, _site(whole))
    file.write(json.dumps(found, indent=1, default=str) + "\n" if as_json else ascode.write(found))


@settings.command()
@_file
@_json
@click.pass_context
def diff(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Say what FILE would change. Exit code 0: nothing. 1: something; a line each."""
    changes = _make(load(ctx), file, keep=False)
    _tell(changes, as_json)
    ctx.exit(1 if changes else 0)


@settings.command()
@_file
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@_json
@click.pass_context
def apply(ctx: click.Context, file: Path, dry_run: bool, as_json: bool) -> None:
    """Make the site what FILE says: all of it or nothing. Doing it again changes nothing."""
    _tell(_make(load(ctx), file, keep=not dry_run), as_json)


def _make(whole: "WholeSite", file: Path, *, keep: bool) -> "list[Change]":
    from plein import ascode
    from plein.ascode.sections import SectionError

    try:
        parsed = ascode.parse(file.name, file.read_text(encoding="utf-8"))
    except (ascode.FileError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    site = _site(whole)
    with _session(whole, writes=True) as db:
        try:
            changes = ascode.make(db, site, parsed.values)
        except SectionError as error:
            raise click.ClickException(str(parsed.error(error))) from error
        if not keep:
            db.rollback()
    return changes


def _site(whole: "WholeSite") -> "Site":
    """The site with the rules that its features declare, which takes putting its pages together."""
    from plein.app import build_app
    from plein.ascode import Site
    from plein.content.policies import declared

    registry = build_app(whole).registry
    return Site(whole.settings, whole.plugins, {one.name: one for one in declared(registry)})


def _tell(changes: "list[Change]", as_json: bool) -> None:
    if as_json:
        rows = [{"place": one.place, "before": one.before, "after": one.after} for one in changes]
        click.echo(json.dumps(rows, indent=1, default=str))
        return
    for one in changes:
        click.echo(f"{one.place}: {_word(one.after)} (was {_word(one.before)})")
    if not changes:
        click.echo("Nothing has to change.")


def _word(value: Any) -> str:
    if value is None:
        return "as standard"
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def _session(whole: "WholeSite", *, writes: bool) -> "Iterator[Session]":
    """Whoever has the server may name every space, also a hidden one."""
    from plein.db import db_unguarded

    with db_unguarded(whole.engine, reason="the command line decides for the whole site", writes=writes) as db:
        yield db
