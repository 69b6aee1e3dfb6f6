"""``plein plugin trace``: make a page in this process, and say which hooks were called, how long they took, and why."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from plein.cli.site import load
from plein.logs import configure_logging

if TYPE_CHECKING:
    from plein.app import Site
    from plein.plugins.watching import Run


@click.command()
@click.argument("url")
@click.option("--user", metavar="LOGIN", help="Who looks. Nobody is signed in where it is left out.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def trace(ctx: click.Context, url: str, user: str | None, as_json: bool) -> None:
    """Make the page at URL (or a path, such as /spaces/handbook) and show what each plugin did for it.

    The page is only read, and shown to nobody; what is paused stays paused. Run it twice where the first time counts
    what is read once.
    """
    configure_logging()
    site = load(ctx)
    status, milliseconds, runs = _made(site, url, user)
    rows = [
        {
            "plugin": run.plugin,
            "hook": run.hook,
            "asked": run.asked,
            "milliseconds": round(run.seconds * 1000, 2),
            "statements": run.statements,
            "failed": run.failed,
        }
        for run in runs
    ]
    if as_json:
        told = {"url": url, "status": status, "milliseconds": milliseconds, "hooks": rows}
        click.echo(json.dumps(told, indent=2))
        return
    _show(url, status, milliseconds, rows, site.plugins.paused())


def _made(site: "Site", url: str, login: str | None) -> "tuple[int, float, list[Run]]":
    """The status of the answer, how long it took, and the hooks that were run for it."""
    import time
    from urllib.parse import urlsplit

    from webob import Request

    from plein.app import build_app

    app = build_app(site)
    if login is not None:
        viewer = _viewer(site, login)
        app.registry["plein.load_viewer"] = lambda _request: viewer
    asked = urlsplit(url)
    path = f"{asked.path or '/'}?{asked.query}" if asked.query else asked.path or "/"
    request = Request.blank(path, base_url=site.settings["plein.base_url"])
    with site.plugins.spent.tracing() as runs:
        began = time.perf_counter()
        response = request.get_response(app)
        taken = time.perf_counter() - began
    # A failure counts, whoever looks; it is stored by a thread.
    site.plugins.failures_are_stored()
    return response.status_code, round(taken * 1000, 1), runs


def _viewer(site: "Site", login: str) -> Any:
    from sqlalchemy import select

    from plein.db import open_session
    from plein.people.models import User
    from plein.people.services import fold_login
    from plein.people.standing import viewer_for
    from plein.security.rights import current_stamp

    with open_session(site.engine) as db:
        number = db.scalar(select(User.id).where(User.login == fold_login(login)))
        viewer = viewer_for(db, number)
        if not viewer.is_signed_in:
            raise click.ClickException(f"There is no account {login} that works.")
        # As the session of a browser knows it.
        return replace(viewer, session_id=0, rights=db.scalar(current_stamp()) or 0)


def _show(url: str, status: int, milliseconds: float, rows: list[dict[str, Any]], paused: tuple[str, ...]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=f"{url}: {status}, {milliseconds:g} ms")
    for title in ("plugin", "hook", "asked for"):
        table.add_column(title)
    for title in ("ms", "statements"):
        table.add_column(title, justify="right")
    table.add_column("")
    for row in rows:
        state = "failed" if row["failed"] else ""
        cells = (row["plugin"], row["hook"], row["asked"], f"{row['milliseconds']:.2f}", str(row["statements"]), state)
        table.add_row(*cells)
    console.print(table)
    if not rows:
        console.print("No plugin was asked anything.")
    total = sum(row["milliseconds"] for row in rows)
    statements = sum(row["statements"] for row in rows)
    console.print(f"Plugins: {total:.1f} ms of {milliseconds:g}, {statements} statements.")
    if paused:
        console.print(f"Paused, and so not asked: {', '.join(paused)}.")
