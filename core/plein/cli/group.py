"""The top of the command line: which commands there are, where they live, and how they fail."""

import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import click

from plein.cli.failures import explain

#: name → (module:attribute, what ``plein --help`` says about it). The module is imported when the command runs.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("plein.cli.init:init", "Make a new site: secret, database, first administrator, demo space."),
    "serve": ("plein.cli.serve:serve", "Serve the site: worker processes behind one socket."),
    "worker": ("plein.cli.worker:worker", "Do work for later, in a process beside the site."),
    "user": ("plein.cli.user_states:user", "People's accounts and sign-in links."),
    "audit": ("plein.cli.audit:audit", "Prove that the audit log is whole, look in it, take it along."),
    "office": ("plein.cli.office:office", "Who has a role in administration."),
    "permission": ("plein.cli.permission:permission", "Who may do what: look, change, keep in a file."),
    "people": ("plein.cli.people:people", "Bring in people and groups from a file or a directory."),
    "groups": ("plein.cli.groups:groups", "List groups, and check who is in them."),
    "settings": ("plein.cli.settings:settings", "What administrators decided, as a file and back."),
    "config": ("plein.cli.config:config", "Check and show the settings."),
    "plugin": ("plein.cli.plugin:plugin", "Make plugins, check them, and see what is installed."),
    "rollout": ("plein.cli.rollout:rollout", "Who has which function: look, decide, ask why."),
    "dev": ("plein.cli.dev:dev", "For who makes plugins: a site to try things in, and a console."),
    "db": ("plein.cli.db:db", "Upgrade, check or downgrade the database."),
    "upgrade": ("plein.cli.upgrade:upgrade", "Look before an upgrade whether it will go well."),
    "access": ("plein.cli.access:access", "Find out who sees what, and why."),
    "jobs": ("plein.cli.jobs:jobs", "See work for later, and have it done again."),
    "mail": ("plein.cli.mail:mail", "Try whether mail arrives."),
    "privacy": ("plein.cli.privacy:privacy", "The register of processing, and erasing again after a restore."),
    "files": ("plein.cli.files:files", "Check files, and move them to another store."),
    "search": ("plein.cli.search:search", "Maintain the search index."),
    "import": ("plein.cli.import_:import_", "Bring in pages from elsewhere, and undo that."),
}


class LazyGroup(click.Group):
    """A click group that knows its commands by name and imports one only when it is called.

    :param commands_at: name → (module:attribute, what ``--help`` says about it).
    """

    def __init__(self, *args: Any, commands_at: dict[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.commands_at, *sorted(set(self.commands) - set(self.commands_at))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands_at:
            return super().get_command(ctx, cmd_name)
        module, attribute = self.commands_at[cmd_name][0].split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command), f"{module}:{attribute} is not a command"  # noqa: S101
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.commands_at.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if ctx.find_root().params.get("traceback"):
                raise
            raise click.ClickException(explain(error)) from error


@click.group(cls=LazyGroup, commands_at=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-c",
    "--config",
    metavar="FILE",
    envvar="PLEIN_CONFIG",
    help="The settings file. Default: $PLEIN_CONFIG, or development.ini in this folder.",
)
@click.option("--traceback", is_flag=True, help="Show where a failure came from.")
@click.version_option(package_name="plein", message="Plein %(version)s")
@click.pass_context
def cli(ctx: click.Context, config: str | None, traceback: bool) -> None:
    """Plein, a social intranet on your own server."""
    ctx.obj = config


def main(args: Sequence[str] | None = None) -> None:
    """The ``plein`` command. Exit code 0: done; 1: failed, with one sentence saying why; 2: typed wrongly."""
    # pyramid 2.1 still uses it; whoever runs a command can do nothing about that.
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
    try:
        cli.main(args=args, prog_name="plein")
    except BrokenPipeError:
        # `plein … | head`: nobody reads on, which is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
