"""``plein jobs``: what waits, runs and was given up, and asking for it again."""

import click

from plein.cli.site import load
from plein.logs import configure_logging


@click.group()
def jobs() -> None:
    """See work for later, and have it done again."""
    configure_logging()


@jobs.command(name="list")
@click.option("--state", type=click.Choice(["waiting", "running", "done", "failed"]), help="Only those.")
@click.option("--before", type=int, help="Only those with a lower number, for the next page.")
@click.pass_context
def list_(ctx: click.Context, state: str | None, before: int | None) -> None:
    """The newest jobs: number, state, attempts, name, when it was asked for, and why it failed."""
    from plein.db import open_session
    from plein.jobs.queue import page

    with open_session(load(ctx).engine) as db:
        rows, more = page(db, state or "", before)
    for row in rows:
        asked = f"{row.created_at:%Y-%m-%d %H:%M}"
        click.echo(f"{row.id:>8}  {row.state:<8} {row.attempts:>2}  {row.name:<28} {asked}  {row.error}".rstrip())
    if not rows:
        click.echo("There are none.")
    if more is not None:
        click.echo(f"More: --before {more}")


@jobs.command()
@click.argument("name")
@click.pass_context
def run(ctx: click.Context, name: str) -> None:
    """Have the recurring job NAME done now, and not when it is due."""
    from plein.db import open_session
    from plein.jobs.queue import enqueue

    site = load(ctx)
    known = {job.name for job in site.plugins.jobs.values() if job.recurs}
    if name not in known:
        raise click.ClickException(f"There is no recurring job {name}; there are {', '.join(sorted(known))}.")
    with open_session(site.engine, writes=True) as db, db.begin():
        number = enqueue(db, name, key=f"every {name}", user_id=None)
    click.echo(f"Job {number} is done by the next process that looks for work (plein serve, plein worker).")


@jobs.command()
@click.argument("number", type=int)
@click.pass_context
def retry(ctx: click.Context, number: int) -> None:
    """Have job NUMBER, that was given up, done after all."""
    from plein.audit import record
    from plein.db import open_session
    from plein.jobs.queue import retry as ask_again

    with open_session(load(ctx).engine, writes=True) as db, db.begin():
        name = ask_again(db, number)
        if name is None:
            raise click.ClickException(f"Job {number} was not given up, or the same waits already.")
        record(db, "job.retried", "job", number, name=name)
    click.echo(f"Job {number} ({name}) is tried again.")
