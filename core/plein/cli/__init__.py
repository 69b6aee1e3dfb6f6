"""``plein …``: the command line.

Each command lives in a module of its own that is imported only when it is asked for, so that ``plein --help``
answers at once. A failure that can be expected is one sentence on standard error and an exit code, never a traceback.
"""

from plein.cli.group import cli, main
from plein.cli.site import load, read_config

__all__ = ["cli", "load", "main", "read_config"]
