"""``plein files``: whether every row has its file and every file its row, and moving files to another store."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from plein.content.files.keeping import Progress, Report

#: Shown of each kind of fault; `--json` gives all.
_SHOWN = 20


@click.group()
def files() -> None:
    """Look after files of texts and photos of people."""
    configure_logging()


@files.command()
@click.option("--deep", is_flag=True, help="Read every file too, and see whether it is undamaged.")
@click.option("--repair", is_flag=True, help="Throw away files without a row that are older than a day.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.pass_context
def check(ctx: click.Context, deep: bool, repair: bool, as_json: bool) -> None:
    """Compare files with the database. The site can stay in use. Exit code 1: something is wrong."""
    from plein.content.files.keeping import check as compare

    site = load(ctx)
    with _bar("Reading") as progress:
        report = compare(site.engine, site.blobs, site.plugins, deep=deep, repair=repair, progress=progress)
    if as_json:
        click.echo(json.dumps(_values(report), indent=2))
    else:
        _tell(report, repair)
    if not report.is_good:
        ctx.exit(1)


def _values(report: "Report") -> dict[str, Any]:
    return {
        "good": report.is_good,
        "rows": report.rows,
        "files": report.files,
        "bytes": report.size,
        "missing": [{"digest": digest, "table": table} for digest, table in report.missing],
        "orphans": report.orphans,
        "young": report.young,
        "wrong": report.wrong,
        "removed": report.removed,
        "unloaded": report.unloaded,
    }


def _tell(report: "Report", repair: bool) -> None:
    click.echo(f"{report.files} files, {report.size / 1e6:.1f} MB; {report.rows} of them are named in the database.")
    for digest, table in report.missing[:_SHOWN]:
        click.echo(f"MISSING  {digest}  named in {table}. Take it from a backup of the files.", err=True)
    for digest in report.wrong[:_SHOWN]:
        click.echo(f"DAMAGED  {digest}  Take it from a backup of the files.", err=True)
    for digest in report.orphans[:_SHOWN] if not repair else ():
        click.echo(f"NO ROW   {digest}  Throw it away with: plein files check --repair", err=True)
    more = sum(max(0, len(found) - _SHOWN) for found in (report.missing, report.wrong, report.orphans))
    if more:
        click.echo(f"And {more} more; `--json` lists all.", err=True)
    if report.young:
        click.echo(f"{report.young} without a row are younger than a day: somebody may be adding them now.")
    if report.removed:
        click.echo(f"{report.removed} without a row were thrown away.")
    if report.unloaded:
        names = ", ".join(report.unloaded)
        click.echo(f"Nothing is thrown away while a plugin is not loaded, whose files nobody knows: {names}.", err=True)
    if report.is_good:
        click.echo("All is well.")


@files.command()
@click.option("--to", "target", required=True, metavar="STORE", help="local, or s3://bucket/prefix.")
@click.option("--from", "source", metavar="STORE", help="By default the store of the settings.")
@click.pass_context
def migrate(ctx: click.Context, target: str, source: str | None) -> None:
    """Copy all files to another store, and read back what arrived. Nothing is removed from the first one.

    The site can stay in use. Broken off, it goes on where it was. Afterwards change plein.files_store, restart, and run
    it once more with --from, for what was added in between.
    """
    from plein.blobs import build_store
    from plein.content.files.keeping import copy_all

    site = load(ctx)
    current = source or site.settings["plein.files_store"]
    if current == target:
        raise click.ClickException(f"Files are in {target} already; name the store that they are in with --from.")
    before, after = build_store(site.settings, current), build_store(site.settings, target)
    with _bar("Copying") as progress:
        moved = copy_all(site.engine, before, after, progress)
    click.echo(f"Copied {moved.copied} files, {moved.size / 1e6:.1f} MB; {moved.there} were there already.")
    for digest in moved.missing[:_SHOWN]:
        click.echo(f"MISSING  {digest}  in both stores. See: plein files check", err=True)
    if moved.missing:
        ctx.exit(1)


@contextmanager
def _bar(what: str) -> "Iterator[Progress]":
    """A progress bar on standard error, in a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
