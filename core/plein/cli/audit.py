"""``plein audit``: prove that the audit log is whole, look in it, take it along, and remove what is old."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from plein.audit.reading import Filters

_choices = (
    click.option("--action", default="", help="What was done, such as account.suspended."),
    click.option("--object", "object_", default="", metavar="KIND[:ID]", help="To what, such as user:5 or space."),
    click.option("--since", type=click.DateTime(), help="From this moment (UTC)."),
    click.option("--until", type=click.DateTime(), help="Before this moment (UTC)."),
    click.option("--result", default="", type=click.Choice(["", "done", "refused", "failed"])),
)


def _narrowed(command: Any) -> Any:
    for choice in reversed(_choices):
        command = choice(command)
    return command


@click.group()
def audit() -> None:
    """Prove that the audit log is whole, look in it, take it along."""
    configure_logging("error")


@audit.command()
@click.option("--known", multiple=True, metavar="NUMBER:HASH", help="As an earlier verify printed it. Repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def verify(ctx: click.Context, known: tuple[str, ...], as_json: bool) -> None:
    """Walk the whole chain. Exit code 1: something was changed or removed; the first place is named.

    Keep what it prints somewhere else: with --known it proves later that nothing up to there was changed since, not
    even by somebody who has every right on the database.
    """
    from plein.audit.chain import verify as walk

    hashes = {}
    for one in known:
        number, colon, digest = one.partition(":")
        if not (colon and number.isdecimal()):
            raise click.BadParameter(f"{one} is not NUMBER:HASH.", param_hint="--known")
        hashes[int(number)] = digest
    found = walk(load(ctx).engine, hashes)
    if as_json:
        click.echo(json.dumps({name: getattr(found, name) for name in found.__dataclass_fields__}))
    elif found.broken is not None:
        click.echo(f"Entry {found.broken} is broken: {found.problem}.", err=True)
    else:
        removed = f", after {found.removed} that retention removed" if found.removed else ""
        click.echo(f"The audit log is whole: {found.entries} entries{removed}.\n{found.number}:{found.hash}")
    ctx.exit(0 if found.broken is None else 1)


@audit.command("list")
@_narrowed
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
@click.pass_context
def list_(ctx: click.Context, limit: int, as_json: bool, **asked: Any) -> None:
    """List entries, the newest first."""
    from plein.audit.chain import FIELDS
    from plein.audit.export import json_lines
    from plein.audit.reading import latest
    from plein.db import open_session

    with open_session(load(ctx).engine) as db:
        rows, _more = latest(db, _filters(**asked), size=limit)
        found = [{name: getattr(row, name) for name in FIELDS} for row in rows]
    if as_json:
        for line in json_lines(found):
            click.echo(line, nl=False)
        return
    for one in found:
        more = " ".join(f"{name}={value}" for name, value in one["details"].items())
        click.echo(
            f"{one['number']} {one['at']:%Y-%m-%d %H:%M:%S} {one['action']} {one['object_type']}:{one['object_id']} "
            f"{one['result']} by {one['actor_id'] or '-'} from {one['origin'] or '-'} {more}".rstrip()
        )


@audit.command()
@_narrowed
@click.option("--format", "kind", default="jsonl", show_default=True, type=click.Choice(["jsonl", "csv"]))
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False), default="-")
@click.pass_context
def export(ctx: click.Context, kind: str, file: Any, **asked: Any) -> None:
    """Write entries to FILE, oldest first. That it was done is an entry too."""
    from sqlalchemy import select

    from plein.audit import record
    from plein.audit.chain import entries
    from plein.audit.export import FORMATS
    from plein.audit.models import AuditHead
    from plein.db import open_session

    filters = _filters(**asked)
    only: dict[str, Any] = {f"only_{name}": str(value) for name, value in asked.items() if value}
    site = load(ctx)
    with open_session(site.engine) as db:
        last = db.scalar(select(AuditHead.number)) or 0
        for line in FORMATS[kind][0](entries(db, *filters.conditions(), until=last)):
            file.write(line)
    with open_session(site.engine, writes=True) as db, db.begin():
        record(db, "audit.exported", "audit", last, format=kind, **only)


@audit.command()
@click.option("--days", type=click.IntRange(90), help="Older than this. Default: the setting plein.audit_days.")
@click.pass_context
def purge(ctx: click.Context, days: int | None) -> None:
    """Remove what was kept long enough. The rest can still be verified."""
    from plein.audit.chain import purge as remove
    from plein.db import open_session

    site = load(ctx)
    total = 0
    while True:
        with open_session(site.engine, writes=True) as db, db.begin():
            gone = remove(db, days or site.settings["plein.audit_days"])
        total += gone
        if not gone:
            break
    click.echo(f"Removed {total} entries.")


def _filters(action: str, object_: str, since: datetime | None, until: datetime | None, result: str) -> "Filters":
    from datetime import UTC

    from plein.audit.reading import Filters

    kind, _colon, number = object_.partition(":")
    moments = [one.replace(tzinfo=UTC) if one else None for one in (since, until)]
    return Filters(action=action, object_type=kind, object_id=number, since=moments[0], until=moments[1], result=result)
