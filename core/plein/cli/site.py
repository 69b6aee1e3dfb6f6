"""Opens a site for a command: reads the settings file and builds the site's parts without the web."""

import configparser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from plein.app import Site

DEFAULT_CONFIG = "development.ini"


def config_path(ctx: click.Context) -> Path:
    """The settings file that was asked for.

    :raises click.ClickException: when there is none.
    """
    chosen = ctx.find_root().obj
    path = Path(chosen or DEFAULT_CONFIG)
    if path.is_file():
        return path.resolve()
    if chosen:
        raise click.ClickException(f"There is no settings file {path}.")
    raise click.ClickException(
        f"There is no {DEFAULT_CONFIG} in this folder; name a settings file with 'plein -c FILE …' or in PLEIN_CONFIG."
    )


def read_config(ctx: click.Context) -> dict[str, str]:
    """The ``[app:main]`` section of the settings file, and ``here``: the folder that relative paths belong to."""
    import plaster

    path = config_path(ctx)
    try:
        settings: dict[str, Any] = plaster.get_settings(str(path), "app:main")
    except configparser.Error as error:
        raise click.ClickException(
            f"The settings file {path} cannot be read: {' '.join(str(error).split())}"
        ) from error
    except (LookupError, ValueError) as error:
        raise click.ClickException(f"The settings file {path} is not usable: {error}") from error
    if not settings:
        raise click.ClickException(f"The settings file {path} has no section [app:main].")
    return {"here": str(path.parent), **{name: str(value) for name, value in settings.items()}}


def load(ctx: click.Context) -> "Site":
    """The site a command works on: settings, plugins, engine, files, types. Opens no web application."""
    from plein.app import build_site

    site = build_site(read_config(ctx))
    ctx.call_on_close(site.engine.dispose)
    return site
