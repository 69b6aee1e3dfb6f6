"""``plein plugin …``: for who makes plugins, and who looks after those that are installed.

Each command lives in a module of its own; :data:`COMMANDS` says where.
"""

import click

from plein.cli.group import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("plein.cli.plugin_new:new", "Write a plugin that works at once, to go on with."),
    "check": ("plein.cli.plugin_check:check", "Say whether a plugin keeps the rules."),
    "list": ("plein.cli.plugin_care:list_", "The plugins that are installed, and what is left of others."),
    "info": ("plein.cli.plugin_care:info", "What a plugin declares and keeps."),
    "drop": ("plein.cli.plugin_care:drop", "Remove all that a plugin keeps, after an export."),
    "resume": ("plein.cli.plugin_resume:resume", "Let a plugin that paused itself take part again."),
    "trace": ("plein.cli.plugin_trace:trace", "See what plugins do, and cost, when a page is made."),
    "words": ("plein.cli.plugin_words:words", "Bring a plugin's translations in step with its code."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def plugin() -> None:
    """Make plugins, and look after those that are installed."""
