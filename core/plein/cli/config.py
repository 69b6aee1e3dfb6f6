"""``plein config``: what the settings are, where each came from, and what is wrong with them."""

import os
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plein.cli.site import config_path, read_config
from plein.plugins import PluginError, build_plugins
from plein.settings import CORE_SETTINGS, Setting, Settings, SettingsError, load_settings, masked


@click.group()
def config() -> None:
    """Check and show the settings."""


@config.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Show each setting, its value and where it came from, or all that is wrong.

    Passwords and secrets are not shown. Exit code 0: all is well. 1: something is not; a sentence each.
    """
    values = read_config(ctx)
    declared: list[Setting] = list(CORE_SETTINGS)
    off: tuple[str, ...] = ()
    problems: list[str] = []
    try:
        plugins = build_plugins(values)
        declared, off = plugins.settings, plugins.off
    except PluginError as error:
        problems.append(str(error))
    except SettingsError:
        # Told below, together with all others.
        pass
    try:
        settings = load_settings(values, os.environ, declared, off=off)
    except SettingsError as error:
        problems += error.problems
    if problems:
        for sentence in problems:
            click.echo(sentence, err=True)
        ctx.exit(1)
    _show(settings, config_path(ctx))


def _show(settings: Settings, path: Path) -> None:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for heading in ("setting", "value", "from"):
        table.add_column(heading, overflow="fold")
    for setting in settings.declared:
        value = masked(setting, settings[setting.name])
        # Text: what an administrator wrote is never read as markup.
        table.add_row(setting.name, Text(value or "-"), _place(settings, setting, path))
    # In a pipe nothing is wrapped: a line is a setting.
    Console(width=None if sys.stdout.isatty() else 1000, highlight=False).print(table)


def _place(settings: Settings, setting: Setting, path: Path) -> str:
    source = settings.source(setting.name)
    if source.startswith("PLEIN_") or source == "default":
        return source
    return path.name if source == setting.name else f"{path.name}, {source}"
