"""``plein people``: bring in people and groups, from a file or from a source that the settings or a plugin declare."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from plein.app import Site
    from plein.people.directory_sync.engine import Plan

#: Changes beyond this are for the page of the run, or for ``--report``.
SHOWN = 20


@click.group()
def people() -> None:
    """Bring in people and groups from a file or a directory."""
    configure_logging("critical")


@people.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--kind", type=click.Choice(("people", "groups")), default="people", show_default=True)
@click.option("--all", "is_all", is_flag=True, help="The file has all there are: close the accounts of the missing.")
@click.option(
    "--column", "chosen", multiple=True, metavar="FIELD=COLUMN", help="What a column is, where guessing fails."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--allow-deactivate", type=click.IntRange(1), metavar="N", help="Close up to N accounts, over the limit.")
@click.option("--report", type=click.Path(path_type=Path), help="Write what happens to everybody to this CSV file.")
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path,
    kind: str,
    is_all: bool,
    chosen: tuple[str, ...],
    dry_run: bool,
    allow_deactivate: int | None,
    report: Path | None,
) -> None:
    """Bring in a CSV FILE with people or groups.

    Character set, delimiter and columns are found out. The exit code is 1 when nothing was changed because of a mistake
    or because too many accounts would have been closed.
    """
    from plein.people.directory_sync.columns import KINDS
    from plein.people.directory_sync.csv_files import FileRefused, open_table
    from plein.people.directory_sync.uploads import guessed_columns, plan_of_table

    columns = {}
    for one in chosen:
        field, equals, name = one.partition("=")
        if not equals:
            raise click.UsageError(f"--column {one} must be FIELD=COLUMN; fields are {', '.join(KINDS[kind])}.")
        columns[field] = name
    site = load(ctx)
    try:
        table = open_table(file.read_bytes())
    except FileRefused as refused:
        raise click.ClickException(_told(refused.sentence, refused.line)) from refused
    with _session(site) as db:
        columns = guessed_columns(db, kind, table) | columns
        plan = plan_of_table(table, kind, columns, site.settings, is_all=is_all, allowed=allow_deactivate)
        notes = [table.sentence()]
        _finish(ctx, site, db, plan, dry_run, report, notes)


@people.command()
@click.argument("name", required=False)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--allow-deactivate", type=click.IntRange(1), metavar="N", help="Close up to N accounts, over the limit.")
@click.option("--report", type=click.Path(path_type=Path), help="Write what happens to everybody to this CSV file.")
@click.pass_context
def sync(
    ctx: click.Context, name: str | None, dry_run: bool, allow_deactivate: int | None, report: Path | None
) -> None:
    """Read the source NAME now, and bring in what it gives. Without a name: list the sources."""
    from plein.people.directory_sync.runs import plan_of
    from plein.people.directory_sync.sources import sources

    site = load(ctx)
    found = sources(site.plugins, site.settings)
    if name is None:
        for source in found.values():
            click.echo(f"{source.name}  {source.title}")
        if not found:
            click.echo("There is no source; set plein.directory_csv, or install a plugin that brings one.")
        return
    if name not in found:
        raise click.ClickException(f"There is no source {name}; there are: {', '.join(found) or 'none'}.")
    with _session(site) as db:
        _finish(ctx, site, db, plan_of(found[name], site.settings, allow_deactivate), dry_run, report, [])


def _session(site: "Site") -> Any:
    from plein.db import open_session

    return open_session(site.engine, writes=True)


def _finish(
    ctx: click.Context, site: "Site", db: Any, plan: "Plan", dry_run: bool, report: Path | None, notes: list[Any]
) -> None:
    """Run, commit what is kept of it, and tell."""
    from plein.people.directory_sync.report import ACTIONS, REASONS, from_json
    from plein.people.directory_sync.runs import changes_of, report_rows, run, write_csv

    kept = run(db, plan, dry_run=dry_run, notes=notes)
    rows = changes_of(db, kept.id, size=None if report else SHOWN + 1)
    if report:
        report.write_bytes(write_csv(report_rows(rows, str)))
    for one in rows[:SHOWN]:
        why = f": {REASONS[one.reason]}" if one.reason else ""
        fields = f" ({', '.join(one.fields)})" if one.fields else ""
        click.echo(f"{ACTIONS[one.action]}: {one.name} [{one.subject}]{fields}{why}")
    if len(rows) > SHOWN:
        click.echo("… the rest stands in the report and on the page Bring in people.")
    for remark in kept.remarks:
        click.echo(_told(from_json(remark), remark["line"]), err=kept.state not in ("done", "tried"))
    counts = ", ".join(f"{number} {what.replace('.', ' ')}" for what, number in sorted(kept.counts.items()))
    said = {"done": "Done", "tried": "Dry run, nothing was changed"}.get(kept.state, "Nothing was changed")
    click.echo(f"{said}. {counts or 'Nothing to do'}.")
    db.commit()
    ctx.exit(0 if kept.state in ("done", "tried") else 1)


def _told(sentence: Any, line: int | None) -> str:
    return f"Line {line}: {sentence.interpolate()}" if line else str(sentence.interpolate())
