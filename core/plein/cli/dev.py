"""``plein dev``: a site to make plugins in, and looking around in it from Python."""

import code
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select

from plein.cli.init import init
from plein.cli.site import DEFAULT_CONFIG, load

if TYPE_CHECKING:
    from plein.app import Site

_SETTINGS = """\
# A site to make plugins in. `plein config show` tells what else can be set.
[app:main]
use = egg:plein

plein.base_url = http://127.0.0.1:6543
plein.database_url = sqlite:///%(here)s/var/plein.sqlite
plein.files_dir = %(here)s/var/files
plein.cache_dir = %(here)s/var/cache
plein.secret_file = %(here)s/var/secret
plein.second_factor = optional
plein.new_plugins = on
plein.reload = true
"""


@click.group()
def dev() -> None:
    """For who makes plugins: a site in this folder, and a console in it."""


@dev.command()
@click.pass_context
def site(ctx: click.Context) -> None:
    """Make a site with a demo in this folder: development.ini, and its data in var/. What is there stays."""
    path = Path(DEFAULT_CONFIG)
    if not path.exists():
        path.write_text(_SETTINGS, encoding="utf-8")
        click.echo(f"Wrote {path}.")
    ctx.find_root().obj = str(path)
    ctx.invoke(init, login="admin", demo=True, link=False)
    click.echo("Serve it with: plein serve --reload --sign-in-as admin")


@dev.command()
@click.option("-c", "source", metavar="CODE", help="Run this instead of asking.")
@click.pass_context
def console(ctx: click.Context, source: str | None) -> None:
    """A Python shell in the site, with site, db, plugins, request_as(LOGIN) and keep.

    db sees everything and can write; what you changed is forgotten when you leave, unless you called keep().
    """
    from plein.db import db_unguarded

    opened = load(ctx)
    with db_unguarded(opened.engine, reason="a developer looks around in a console", writes=True) as db:
        kept: list[bool] = []
        names = {
            "site": opened,
            "db": db,
            "plugins": opened.plugins,
            "request_as": lambda login: request_as(opened, db, login),
            "keep": lambda: kept.append(True),
            "select": select,
        }
        if source is not None:
            exec(compile(source, "-c", "exec"), names)  # noqa: S102
        else:
            code.interact(f"Plein. Here are: {', '.join(names)}.", local=names, exitmsg="")
        if not kept:
            db.rollback()


def request_as(site: "Site", db: Any, login: str) -> Any:
    """A request as the person with that login makes: with their viewer, their own session and what they have."""
    from pyramid.request import apply_request_extensions
    from pyramid.scripting import prepare

    from plein.app import build_app
    from plein.people.models import User
    from plein.people.standing import viewer_for

    user_id = db.scalar(select(User.id).where(User.login == login))
    if user_id is None:
        raise LookupError(f"There is nobody with the login {login}.")
    registry = build_app(site).registry
    registry["plein.load_viewer"] = lambda _request: viewer_for(db, user_id)
    request = prepare(registry=registry)["request"]
    apply_request_extensions(request)
    return request
