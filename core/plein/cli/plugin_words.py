"""``plein plugin words``: what a plugin says, in step with what its translations say."""

from pathlib import Path

import click

from plein.authoring.catalogues import Package, update
from plein.plugins import PluginError, discover
from plein.plugins.discovery import import_package
from plein.plugins.errors import did_you_mean


@click.command()
@click.argument("name")
def words(name: str) -> None:
    """Collect the words of the plugin NAME, and compile its translations.

    Exit code 1 when words have no Dutch yet: fill them in in the .po file that is named, and run it again.
    """
    package = words_of(name)
    package.collect()
    missing = update(package)
    for line in missing:
        click.echo(f"not translated yet: {line}", err=True)
    if missing:
        raise click.exceptions.Exit(1)
    click.echo(f"The {len(package.found)} words of {name} are complete, in {short(package.locale)}.")


def words_of(name: str) -> Package:
    """The package of the installed plugin *name*, as its translations know it.

    :raises PluginError: where there is none.
    """
    candidates = {one.name: one for one in discover()}
    if name not in candidates:
        raise PluginError(f"There is no plugin called {name} installed; {did_you_mean(name, sorted(candidates))}")
    folder = Path(import_package(candidates[name]).__file__).parent
    return Package(folder.name, folder, folder.parent)


def short(path: Path) -> Path:
    """*path* as seen from here, where it is in this folder."""
    here, path = Path.cwd(), path.absolute()
    return path.relative_to(here) if path.is_relative_to(here) else path
