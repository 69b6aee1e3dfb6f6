"""``plein serve``: the site, served by worker processes behind one socket."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import config_path, read_config
from plein.cli.user import sign_in_link
from plein.logs import LEVELS, configure_logging

if TYPE_CHECKING:
    from socket import socket

    from sqlalchemy import Engine

    from plein.serving import Limits
    from plein.settings import Settings

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 6543
#: How long a worker that leaves waits for the job in hand; another process takes over what is not finished.
LEAVE_SECONDS = 3.0
#: In the environment: the link to sign in has been printed.
_INVITED = "_PLEIN_INVITED"


@click.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", type=click.IntRange(1, 256), help="Worker processes.  [default: one per core]")
@click.option(
    "--threads",
    default=2,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Requests that one worker handles at the same time.",
)
@click.option(
    "--grace",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0, 3600),
    help="Seconds to finish requests in when told to stop.",
)
@click.option("--log-level", default="info", show_default=True, type=click.Choice(LEVELS))
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="[default: text in a terminal, json elsewhere]",
)
@click.option("--sign-in-as", metavar="LOGIN", help="Also print a link that signs LOGIN in, once.")
@click.option("--reload", is_flag=True, help="For who makes plugins: start again when code or words are saved.")
@click.option("--check", is_flag=True, help="Only see whether the site can start, and leave.")
@click.pass_context
def serve(
    ctx: click.Context,
    host: str,
    port: int,
    workers: int | None,
    threads: int,
    grace: float,
    log_level: str,
    log_format: str | None,
    sign_in_as: str | None,
    reload: bool,
    check: bool,
) -> None:
    """Serve the site until it is told to stop.

    Started by a systemd socket unit it uses that socket, and --host and --port are not looked at. SIGTERM and Ctrl+C
    stop it after the requests in flight; SIGHUP replaces it by today's code and settings without closing the socket.
    """
    configure_logging(log_level, json=log_format == "json" or (log_format is None and not sys.stderr.isatty()))
    # Imported here, so that other commands do not pay for the web application.
    from plein import app
    from plein.serving import open_sockets

    values = read_config(ctx)
    if reload:
        from plein.cli.reloading import serve_reloading

        ctx.exit(serve_reloading(config_path(ctx)))
    sockets = [] if check else open_sockets(host, port)
    application = app.main({}, **values)
    if not check:
        _run(application, sockets, workers or len(os.sched_getaffinity(0)), threads, grace, sign_in_as)


def _run(
    application: Any, sockets: "list[socket]", workers: int, threads: int, grace: float, sign_in_as: str | None
) -> None:
    from plein.serving import Parent
    from plein.serving.sockets import address

    engine: Engine = application.registry["plein.engine"]
    settings: Settings = application.registry["plein.settings"]
    where = ", ".join(address(sock) for sock in sockets)
    welcome = f"Plein serves {where} ({workers} × {threads} requests at a time). Ctrl+C stops it."
    # Not again by a site that replaces itself: each link is one more way in.
    if sign_in_as and _INVITED not in os.environ:
        os.environ[_INVITED] = "done"
        welcome += _invitation(sign_in_as, sign_in_link(engine, settings["plein.base_url"], sign_in_as))
    start, stop = _beside(application.registry)

    # The parent keeps no connection, so that none is shared with the workers.
    engine.dispose()
    Parent(
        application,
        sockets,
        _limits(application.registry, threads, grace),
        workers=workers,
        after_fork=start,
        when_leaving=stop,
        when_ready=lambda: click.echo(welcome),
    ).run()


def _beside(registry: Any) -> tuple[Callable[[], None], Callable[[], None]]:
    """What each worker does beside the pages: how to start it, when it has been forked, and how to stop it."""
    from plein.jobs import broker
    from plein.jobs.context import parts_of
    from plein.jobs.executor import Executor
    from plein.people.standing import viewer_for

    site = parts_of(registry)
    beside: list[Any] = [registry["plein.reads"]]
    if site.settings["plein.jobs_in_serve"]:
        beside.append(Executor(site, viewer_for))

    def start() -> None:
        site.engine.dispose(close=False)
        broker.attach(site)
        for one in beside:
            one.start()

    def stop() -> None:
        for one in beside:
            one.stop(LEAVE_SECONDS)

    return start, stop


def _invitation(login: str, link: str) -> str:
    return f"\n\nSign in as {login}, once, within two days:\n  {link}\n"


def _limits(registry: Any, threads: int, grace: float) -> "Limits":
    from plein.security.bodies import file_addresses
    from plein.serving import Limits

    settings: Settings = registry["plein.settings"]
    return Limits(
        threads=threads,
        max_body_mb=settings["plein.max_body_mb"],
        # A form with a file is a little larger than it.
        max_upload_mb=settings["plein.max_upload_mb"] + 1,
        takes_files=file_addresses(registry),
        grace_seconds=grace,
        trusted_proxies=settings["plein.trusted_proxies"],
    )
