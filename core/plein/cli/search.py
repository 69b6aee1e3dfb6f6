"""``plein search``: makes the search index anew while the site is used, and checks it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from plein.cli.site import load
from plein.search import index as searching


@click.group()
def search() -> None:
    """Maintain the search index."""


@search.command()
@click.option("--all", "everything", is_flag=True, help="Every item, also those that are in order.")
@click.pass_context
def reindex(ctx: click.Context, everything: bool) -> None:
    """Index what is missing from the index or was indexed otherwise.

    The site can stay in use. Broken off, it goes on where it was when it is started again.
    """
    site = load(ctx)
    with _bar() as progress:
        done = searching.reindex(site.engine, progress, everything=everything)
    click.echo("The index was in order already." if not done else f"Indexed {done} {_items(done)}.")


@search.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Compare the index with the items. Exit code 1: it needs 'plein search reindex'."""
    found = searching.check(load(ctx).engine)
    for fault in found.faults:
        click.echo(fault, err=True)
    if found.is_good:
        click.echo(f"The index is in order: {found.items} {_items(found.items)}.")
        return
    click.echo(
        f"Of {found.items} {_items(found.items)}, {found.missing} are missing from the index and {found.stale} are out "
        f"of date; {found.left_over} that were thrown away are still in it. Run: plein search reindex"
        + (" --all" if found.faults else ""),
        err=True,
    )
    ctx.exit(1)


def _items(number: int) -> str:
    return "item" if number == 1 else "items"


@contextmanager
def _bar() -> Iterator[searching.Progress]:
    """A progress bar on standard error, in a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("Indexing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Indexing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
