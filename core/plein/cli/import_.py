"""``plein import``: bring in pages from elsewhere, and undo that."""

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

    from plein.app import Site
    from plein.security.viewer import Viewer
    from plein.transfer.into import Into
    from plein.transfer.plan import Progress

#: More of a list than this is for the receipt, not for the screen.
SHOWN = 12


@click.group("import")
def import_() -> None:
    """Bring in pages from elsewhere, and undo that."""
    configure_logging("error")


@import_.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--space", required=True, metavar="SLUG", help="The space that gets the pages.")
@click.option("--as", "login", default="", metavar="LOGIN", help="Who imports. Default: the only administrator.")
@click.option("--source", default="", metavar="NAME", help="What to remember the folder by. Default: its name.")
@click.option("--tags-from", multiple=True, metavar="KEY", help="Front matter to make tags of, besides 'tags'.")
@click.option("--type", "type_name", default="wiki.page", show_default=True, metavar="TYPE", help="What pages become.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
@click.pass_context
def markdown(
    ctx: click.Context,
    folder: Path,
    space: str,
    login: str,
    source: str,
    tags_from: tuple[str, ...],
    type_name: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring in a FOLDER of Markdown, as MkDocs and others use it.

    Folders become parent pages, links between files become links between pages, pictures and documents become files of
    the pages that show them. Running it again brings in what changed, merged with what people wrote meanwhile.
    The exit code is 1 when something could not be brought in; all the rest is there.
    """
    from plein.transfer.markdown_import import import_markdown

    site = load(ctx)
    path = None
    with _session(site, login) as (db, viewer), _bar() as progress:
        into = _into(site, db, viewer, space, type_name)
        receipt = import_markdown(into, folder, source=source, tag_keys=tags_from, dry_run=dry_run, progress=progress)
        if not dry_run:
            path = receipt.write(_receipts(site))
            _commit(db, path)
    if as_json:
        click.echo(json.dumps(receipt.as_json(), ensure_ascii=False, indent=1))
    else:
        from plein.cli.import_summary import show_receipt

        show_receipt(receipt, path, limit=SHOWN)
    ctx.exit(1 if receipt.errors else 0)


@import_.command()
@click.argument("receipt")
@click.option("--as", "login", default="", metavar="LOGIN", help="Who undoes it. Default: the only administrator.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_context
def undo(ctx: click.Context, receipt: str, login: str, as_json: bool) -> None:
    """Take back the import of RECEIPT: a file, or the number that the import printed.

    New pages go to the trash, changed ones get their earlier text. What people edited since stays, and is named.
    """
    from plein.db import utcnow
    from plein.transfer.receipt import ReceiptError, find_receipt, read_receipt
    from plein.transfer.undo import undo_import

    site = load(ctx)
    try:
        path = find_receipt(receipt, _receipts(site))
        found = read_receipt(path)
    except ReceiptError as error:
        raise click.ClickException(str(error)) from error
    with _session(site, login) as (db, viewer):
        undone = undo_import(_into(site, db, viewer, found.space, found.type), found)
        db.commit()
    found.undone_at = utcnow().isoformat(timespec="seconds")
    found.write(path.parent)
    if as_json:
        click.echo(json.dumps(undone.as_json(), ensure_ascii=False, indent=1))
        return
    click.echo(f"{len(undone.trashed)} pages to the trash, {len(undone.restored)} put back as they were.")
    for title, reason in undone.left:
        click.echo(f"Left alone: {title}: {reason}.")


@import_.command("list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """List the receipts of earlier imports, the newest first."""
    from plein.transfer.receipt import ReceiptError, read_receipt

    folder = _receipts(load(ctx))
    found = []
    for path in folder.glob("*.json") if folder.is_dir() else ():
        try:
            found.append(read_receipt(path))
        except ReceiptError as error:
            click.echo(str(error), err=True)
    for receipt in sorted(found, key=lambda each: each.started_at, reverse=True):
        counts = ", ".join(f"{number} {state}" for state, number in receipt.counts.items() if number)
        undone = f" (undone {receipt.undone_at})" if receipt.undone_at else ""
        click.echo(f"{receipt.uid}  {receipt.started_at}  {receipt.source} → {receipt.space}: {counts}{undone}")
    if not found:
        click.echo("Nothing was imported yet.")


def _receipts(site: "Site") -> Path:
    """Where receipts are kept: beside the files."""
    folder: Path = site.settings["plein.files_dir"]
    return folder.parent / "receipts"


def _commit(db: "Session", path: Path) -> None:
    try:
        db.commit()
    except BaseException:
        # What did not happen has no receipt.
        path.unlink(missing_ok=True)
        raise


@contextmanager
def _session(site: "Site", login: str) -> "Iterator[tuple[Session, Viewer]]":
    """A session of the person *login*, rolled back unless somebody commits; refusals become sentences."""
    from plein.db import open_session
    from plein.transfer.into import ImportRefused

    viewer = _viewer(site, login)
    with open_session(site.engine, viewer=viewer, writes=True) as db:
        try:
            yield db, viewer
        except ImportRefused as refused:
            raise click.ClickException(str(refused)) from refused


def _viewer(site: "Site", login: str) -> "Viewer":
    from sqlalchemy import select

    from plein.db import open_session
    from plein.ladder import OPEN
    from plein.people.models import User
    from plein.people.services import fold_login
    from plein.security.viewer import Viewer

    query = select(User).where(User.state == "active")
    query = query.where(User.login == fold_login(login)) if login else query.where(User.is_admin)
    with open_session(site.engine) as db:
        people = db.scalars(query.limit(2)).all()
    if len(people) != 1:
        if login:
            raise click.ClickException(f"Nobody with an active account signs in as {login}.")
        problem = "There are several administrators" if people else "There is no administrator"
        raise click.UsageError(f"{problem}; say with --as LOGIN who does this.")
    person: Any = people[0]
    return Viewer(
        user_id=person.id, name=person.name, kind="guest" if person.kind == "guest" else "person",
        is_admin=person.is_admin, ladder=OPEN,
    )  # fmt: skip


def _into(site: "Site", db: "Session", viewer: "Viewer", space: str, type_name: str) -> "Into":
    from plein.content.files.scanning import Scanner
    from plein.transfer.into import Into, space_called, type_called
    from plein.web.markup import MarkupLimits

    return Into(
        db=db,
        viewer=viewer,
        space=space_called(db, space),
        type=type_called(site.plugins, type_name),
        plugins=site.plugins,
        blobs=site.blobs,
        limits=MarkupLimits(max_kb=site.settings["plein.max_markdown_kb"]),
        max_megapixels=site.settings["plein.max_image_megapixels"],
        max_file_mb=site.settings["plein.max_upload_mb"],
        scanner=Scanner(site.settings["plein.clamav_socket"], site.settings["plein.clamav_required"]),
    )


@contextmanager
def _bar() -> "Iterator[Progress]":
    """A progress bar on standard error, in a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    names = {"read": "Reading", "write": "Bringing in"}
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def advance(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(names.get(step, step), total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield advance
