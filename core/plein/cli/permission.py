"""``plein permission``: the table of permissions from the command line: to look, to change, and to keep in a file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from plein.app import Site
    from plein.security.matrix import Change, Key, Value

_space = click.option("--space", default="", metavar="SLUG", help="In this space. Default: the whole site.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
#: The form of the file; another one is refused.
VERSION = 1


@click.group()
def permission() -> None:
    """Who may do what: look, change, and keep it in a file."""
    configure_logging("error")


@permission.command("list")
@_space
@click.option("--changed", is_flag=True, help="Only permissions that were changed there.")
@_json
@click.pass_context
def list_(ctx: click.Context, space: str, changed: bool, as_json: bool) -> None:
    """List permissions with the roles that have them. A * stands behind what was changed, an = before what is fixed."""
    from plein.security.matrix import Matrix

    site = load(ctx)
    with _session(site, writes=False) as db:
        matrix = Matrix(db, site.plugins.permissions, _space_id(db, space))
        rows = [*matrix.rows("site"), *matrix.rows("space")]
    rows = [row for row in rows if row.is_changed or not changed]
    if as_json:
        found = {row.permission.name: {c.role: c.allowed for c in row.cells} for row in rows}
        click.echo(json.dumps(found, indent=1))
        return
    for row in rows:
        marks = [
            f"{'=' if cell.fixed else ''}{'' if cell.allowed else 'not '}{cell.role}{'*' if cell.is_changed else ''}"
            for cell in row.cells
            if cell.allowed or cell.is_changed
        ]
        click.echo(f"{row.permission.name}: {', '.join(marks) or 'nobody'}")


@permission.command("set")
@click.argument("name", metavar="PERMISSION")
@click.argument("role")
@click.argument("value", type=click.Choice(["allow", "deny"]))
@_space
@_json
@click.pass_context
def set_(ctx: click.Context, name: str, role: str, value: str, space: str, as_json: bool) -> None:
    """Allow or deny PERMISSION to ROLE."""
    _change(ctx, space, as_json, lambda _matrix: {(name, role): value == "allow"})


@permission.command()
@click.argument("name", metavar="[PERMISSION]", default="")
@click.argument("role", default="")
@click.option("--all", "everything", is_flag=True, help="Every permission.")
@_space
@_json
@click.pass_context
def reset(ctx: click.Context, name: str, role: str, everything: bool, space: str, as_json: bool) -> None:
    """Take back what was changed: of a PERMISSION and ROLE, of a PERMISSION, or with --all everything."""
    if bool(name) == everything:
        raise click.UsageError("Name a permission, or say --all.")
    _change(ctx, space, as_json, lambda matrix: matrix.to_reset(name, role))


@permission.command()
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
@click.pass_context
def export(ctx: click.Context, file: Any) -> None:
    """Write everything that was changed, of the site and of each space, to FILE as JSON."""
    from sqlalchemy import select

    from plein.security.rights import read_changes
    from plein.spaces.models import Space

    site = load(ctx)
    with _session(site, writes=False) as db:
        changes = read_changes(db)
        slugs = dict(db.execute(select(Space.id, Space.slug).where(Space.id.in_([i for i in changes if i]))).all())
    spaces = {slugs[place]: cells for place, cells in changes.items() if place is not None}
    found = {"version": VERSION, "site": changes.get(None, {}), "spaces": spaces}
    file.write(json.dumps(found, indent=1, sort_keys=True) + "\n")


@permission.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@_json
@click.pass_context
def apply(ctx: click.Context, file: Path, dry_run: bool, as_json: bool) -> None:
    """Make permissions what FILE says, as export wrote it: what it does not name in its places is reset.

    The site and the spaces that the file names are changed, others stay as they are. Either all of it is done or
    nothing. Doing it again changes nothing.
    """
    from plein.security.matrix import Matrix, MatrixError

    site = load(ctx)
    wanted = _read(file)
    done: dict[str, list[Change]] = {}
    with _session(site, writes=True) as db:
        for place, cells in wanted.items():
            matrix = Matrix(db, site.plugins.permissions, _space_id(db, place))
            try:
                done[place] = matrix.change({**dict.fromkeys(matrix.changed), **cells})
            except MatrixError as error:
                raise click.ClickException(str(error)) from error
        if dry_run:
            db.rollback()
    _tell([(place, one) for place, changes in done.items() for one in changes], as_json)


def _read(path: Path) -> "dict[str, dict[Key, Value]]":
    """Place (empty for the site) → cell → value.

    :raises click.ClickException: for a file of another form.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["version"] != VERSION:
            raise click.ClickException(f"{path} is of version {found['version']}; this Plein reads {VERSION}.")
        places = ({"": found["site"]} if "site" in found else {}) | found.get("spaces", {})
        cells = {
            place: {(name, role): allowed for name, roles in names.items() for role, allowed in roles.items()}
            for place, names in places.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise click.ClickException(f"{path} is not what 'plein permission export' writes.") from error
    if any(value not in (True, False, None) for of_place in cells.values() for value in of_place.values()):
        raise click.ClickException(f"{path} has values that are not true, false or null.")
    return cells


def _change(ctx: click.Context, space: str, as_json: bool, wanted: Any) -> None:
    from plein.security.matrix import Matrix, MatrixError

    site = load(ctx)
    with _session(site, writes=True) as db:
        matrix: Matrix = Matrix(db, site.plugins.permissions, _space_id(db, space))
        try:
            changes = matrix.change(wanted(matrix))
        except MatrixError as error:
            raise click.ClickException(str(error)) from error
    _tell([(space, one) for one in changes], as_json)


def _tell(changes: "list[tuple[str, Change]]", as_json: bool) -> None:
    words = {True: "allowed", False: "denied", None: "as standard"}
    if as_json:
        plain = [
            {"space": place or None, "permission": c.permission, "role": c.role, "before": c.before, "after": c.after}
            for place, c in changes
        ]
        click.echo(json.dumps(plain, indent=1))
        return
    for place, one in changes:
        where = f" in {place}" if place else ""
        click.echo(f"{one.permission} of {one.role}{where}: {words[one.after]} (was {words[one.before]})")
    if not changes:
        click.echo("Nothing had to change.")


def _space_id(db: "Session", slug: str) -> int | None:
    from sqlalchemy import select

    from plein.spaces.models import Space

    if not slug:
        return None
    found: int | None = db.scalar(select(Space.id).where(Space.slug == slug))
    if found is None:
        raise click.ClickException(f"There is no space {slug}.")
    return found


@contextmanager
def _session(site: "Site", *, writes: bool) -> "Iterator[Session]":
    """Whoever has the server may name every space, also a hidden one."""
    from plein.db import db_unguarded

    with db_unguarded(site.engine, reason="the command line changes permissions anywhere", writes=writes) as db:
        yield db
