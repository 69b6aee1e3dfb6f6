"""``plein worker``: does work for later in a process of its own, on this host or another that has the database."""

import signal
import sys

import click

from plein.cli.site import load
from plein.logs import LEVELS, configure_logging


@click.command()
@click.option("--once", is_flag=True, help="Do what is due, and leave.")
@click.option("--log-level", default="info", show_default=True, type=click.Choice(LEVELS))
@click.option("--log-format", type=click.Choice(["text", "json"]), help="[default: text in a terminal, json elsewhere]")
@click.pass_context
def worker(ctx: click.Context, once: bool, log_level: str, log_format: str | None) -> None:
    """Do work for later until told to stop: mail, exports, cleaning.

    `plein serve` does it too, unless plein.jobs_in_serve is false. Start as many as there is work for. SIGTERM and
    Ctrl+C stop it after the job in hand.
    """
    configure_logging(log_level, json=log_format == "json" or (log_format is None and not sys.stderr.isatty()))
    from plein.db import migrate
    from plein.jobs.executor import Executor
    from plein.people.standing import viewer_for

    site = load(ctx)
    migrate.require_current(site.engine, site.plugins)
    executor = Executor(site, viewer_for)
    if once:
        number = executor.run_due()
        click.echo(f"Done: {number}.")
        return

    # Taken by this thread, between two steps, and not by a handler in the middle of one.
    told = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, told)
    executor.start()
    click.echo("Plein does work for later. Ctrl+C stops it.")
    signal.sigwait(told)
    executor.stop(None)
