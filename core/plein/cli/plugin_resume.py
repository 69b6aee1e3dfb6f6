"""``plein plugin resume``: let a plugin that paused itself take part again."""

import click

from plein.cli.site import load
from plein.logs import configure_logging


@click.command()
@click.argument("name")
@click.pass_context
def resume(ctx: click.Context, name: str) -> None:
    """Let the plugin NAME, which paused itself because it kept failing, take part again."""
    from plein.admin.plugin_pauses import PauseStore
    from plein.admin.plugin_pauses import resume as take_part_again
    from plein.db import open_session

    configure_logging()
    site = load(ctx)
    with open_session(site.engine, writes=True) as db, db.begin():
        done = take_part_again(db, name, None)
    if not done:
        paused = ", ".join(sorted(PauseStore(site.engine).paused()[1])) or "none"
        raise click.ClickException(f"The plugin {name} is not paused; paused are: {paused}.")
    click.echo(f"The plugin {name} takes part again, on the next page of every process.")
