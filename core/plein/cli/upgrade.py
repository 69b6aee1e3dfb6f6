"""``plein upgrade check``: whether an upgrade will go well, asked before anything of it is installed."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from plein.cli.site import load
from plein.logs import configure_logging


@click.group()
def upgrade() -> None:
    """Look before an upgrade whether it will go well."""


@upgrade.command()
@click.option("--to-core", metavar="VERSION", default="", help="The version to compare with. Default: this one.")
@click.option(
    "--wheels",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with the wheels of the new version, of Plein and of plugins. Nothing in them is run.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.pass_context
def check(ctx: click.Context, to_core: str, wheels: Path | None, as_json: bool) -> None:
    """Compare the installed plugins and this database with a version of Plein.

    Looks at what plugins require, at hooks that are gone, at migrations that wait, and at room on the disk. Exit code
    0: nothing stands in the way. 1: something does.
    """
    from plein.plugins.upgrading import WheelError, report, wheels_in

    configure_logging("error")
    site = load(ctx)
    try:
        folder, known = site.settings["plein.files_dir"], wheels_in(wheels) if wheels else {}
        found = report(site.engine, site.plugins, folder, to_core=to_core, wheels=known)
    except WheelError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(asdict(found), indent=1))
    else:
        for line in found.lines():
            click.echo(line)
    ctx.exit(1 if found.blocks else 0)
